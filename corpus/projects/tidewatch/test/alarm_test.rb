require "test_helper"

class AlarmTest < Minitest::Test
  def events(*levels)
    readings = levels.each_with_index.map { |level, index| Tidewatch::Reading.new(index.to_s, level) }
    Tidewatch::Alarm.new(high: 315, low: 310).run(Tidewatch::Series.new(readings)).map(&:to_a)
  end

  def test_is_raised_and_cleared
    assert_equal [[:raised, "1"], [:cleared, "4"], [:raised, "5"]], events(300, 315, 312, 310, 309, 400)
  end

  def test_is_raised_once
    assert_equal [[:raised, "0"]], events(320, 330, 311)
  end

  def test_stays_silent_below
    assert_empty events(314, 300, 314)
  end

  def test_limits_must_be_apart
    assert_raises(ArgumentError) { Tidewatch::Alarm.new(high: 310, low: 310) }
  end
end
