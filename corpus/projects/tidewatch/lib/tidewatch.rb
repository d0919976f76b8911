require "tidewatch/version"
require "tidewatch/series"
require "tidewatch/parser"
require "tidewatch/alarm"

# Reads water levels and raises alarms.
module Tidewatch
  def self.parse(text)
    Parser.new.parse(text)
  end
end
