module Tidewatch
  # Watches levels between two limits.
  class Alarm
    Event = Struct.new(:kind, :time)

    def initialize(high:, low:)
      raise ArgumentError, "high must be above low" unless high > low

      @high = high
      @low = low
    end

    # The events of a series, in order.
    def run(series)
      raised = false
      series.filter_map do |reading|
        if !raised && reading.level >= @high
          raised = true
          Event.new(:raised, reading.time)
        elsif raised && reading.level < @low
          raised = false
          Event.new(:cleared, reading.time)
        end
      end
    end
  end
end
