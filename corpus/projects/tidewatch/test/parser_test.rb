require "test_helper"

class ParserTest < Minitest::Test
  def test_reads_lines
    series = Tidewatch.parse("# gauge 4\n2026-03-01T06:10 318\n\n  2026-03-01T06:00   -12\n")
    assert_equal [["2026-03-01T06:00", -12], ["2026-03-01T06:10", 318]], series.map(&:to_a)
  end

  def test_names_the_line
    { "6:00 12" => 1, "2026-03-01T06:00 1.5" => 1, "\n2026-03-01T06:00" => 2, "# x\n# y\nz" => 3 }.each do |text, line|
      error = assert_raises(Tidewatch::ParseError) { Tidewatch.parse(text) }
      assert_match(/\Aline #{line}: /, error.message)
    end
  end
end
