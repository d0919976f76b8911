require "test_helper"

class SeriesTest < Minitest::Test
  def series(*levels)
    Tidewatch::Series.new(levels.each_with_index.map { |level, index| Tidewatch::Reading.new("2026-03-01T06:#{index}0", level) })
  end

  def test_extremes_and_mean
    assert_equal [305, 330, 315.3], [series(311, 305, 330).min, series(311, 305, 330).max, series(311, 305, 330).mean]
    assert_nil series.max
    assert_nil series.mean
  end

  def test_is_in_order_of_time
    readings = [Tidewatch::Reading.new("2026-03-01T07:00", 2), Tidewatch::Reading.new("2026-03-01T06:00", 1)]
    assert_equal [1, 2], Tidewatch::Series.new(readings).map(&:level)
  end

  def test_between
    assert_equal [2, 3], series(1, 2, 3, 4).between("2026-03-01T06:10", "2026-03-01T06:25").map(&:level)
    assert_empty series(1, 2).between("2026-03-02T00:00", "2026-03-03T00:00").to_a
  end

  def test_smooth
    assert_equal [1, 1.5, 2.0, 4.0], series(1, 2, 3, 7).smooth(3).map(&:level)
    assert_equal [1, 2], series(1, 2).smooth(1).map(&:level)
  end

  def test_smooth_needs_a_level
    assert_raises(ArgumentError) { series(1).smooth(0) }
  end
end
