require "test_helper"

class ZzHeldOutTest < Minitest::Test
  def test_core
    series = Tidewatch.parse("# c\n2026-08-01T10:10 20\n2026-08-01T10:00 10\n2026-08-01T10:20 3\n")
    assert_equal [3, 20, 11.0], [series.min, series.max, series.mean]
    assert_equal [10.0, 15.0, 11.5], series.smooth(2).map(&:level)
    events = Tidewatch::Alarm.new(high: 20, low: 5).run(series)
    assert_equal [[:raised, "2026-08-01T10:10"], [:cleared, "2026-08-01T10:20"]], events.map(&:to_a)
    assert_raises(Tidewatch::ParseError) { Tidewatch.parse("nothing") }
    assert_raises(ArgumentError) { Tidewatch::Alarm.new(high: 1, low: 2) }
  end
end
