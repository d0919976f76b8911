require "test_helper"

class ZzHeldOutTest < Minitest::Test
  def test_both_ends
    text = (0..5).map { |n| "2026-08-01T1#{n}:00 #{n}\n" }.join
    series = Tidewatch.parse(text)
    assert_equal [2, 3, 4], series.between("2026-08-01T12:00", "2026-08-01T14:00").map(&:level)
    assert_equal [5], series.between("2026-08-01T15:00", "2026-08-01T15:00").map(&:level)
    assert_equal [0, 1], series.between("2026-01-01T00:00", "2026-08-01T11:59").map(&:level)
  end
end
