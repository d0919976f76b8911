require "minitest/autorun"
require "tidewatch"
