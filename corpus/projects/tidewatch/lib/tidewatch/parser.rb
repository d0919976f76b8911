module Tidewatch
  # A text that can not be read.
  class ParseError < StandardError; end

  # Reads series.
  class Parser
    LINE = /\A(\d{4}-\d\d-\d\dT\d\d:\d\d)\s+(-?\d+)\z/

    def parse(text)
      readings = text.each_line(chomp: true).with_index(1).filter_map { |line, number| reading(line.strip, number) }
      Series.new(readings)
    end

    private

    def reading(line, number)
      return if line.empty? || line.start_with?("#")

      match = LINE.match(line) or raise ParseError, "line #{number}: #{line.inspect}"
      Reading.new(match[1], Integer(match[2], 10))
    end
  end
end
