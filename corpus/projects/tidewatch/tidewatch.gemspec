require_relative "lib/tidewatch/version"

Gem::Specification.new do |spec|
  spec.name = "tidewatch"
  spec.version = Tidewatch::VERSION
  spec.summary = "Reads water levels and raises alarms"
  spec.authors = ["The tidewatch authors"]
  spec.license = "MIT"
  spec.required_ruby_version = ">= 3.0"
  spec.files = Dir["lib/**/*.rb"]
end
