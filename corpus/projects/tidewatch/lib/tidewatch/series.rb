module Tidewatch
  Reading = Struct.new(:time, :level)

  # Levels in order of time.
  class Series
    include Enumerable

    def initialize(readings = [])
      @readings = readings.sort_by(&:time)
    end

    def each(&block)
      @readings.each(&block)
    end

    def max
      map(&:level).max
    end

    def min
      map(&:level).min
    end

    def mean
      return nil if none?

      (sum(&:level) / count.to_f).round(1)
    end

    # The readings from `from` to `to`.
    def between(from, to)
      Series.new(select { |reading| reading.time >= from && reading.time < to })
    end

    # Each level replaced by the mean of the last `size`.
    def smooth(size)
      raise ArgumentError, "a mean needs at least one level" if size < 1

      readings = @readings.each_with_index.map do |reading, index|
        window = @readings[[0, index - size + 1].max..index]
        Reading.new(reading.time, (window.sum(&:level) / window.size.to_f).round(1))
      end
      Series.new(readings)
    end
  end
end
