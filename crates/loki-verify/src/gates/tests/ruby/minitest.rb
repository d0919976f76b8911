# Runs files of tests with minitest. Writes one line of JSON for each thing that it sees: how every test
# ended, which files could not be loaded, which tests were left out, which functions that tests rely on
# are no longer those of the beginning.
#
# Arguments: the report, the files. Everything that is needed later is bound before the tests are loaded,
# since they may replace it.

report, *files = ARGV.shift(ARGV.size)

begin
  require "minitest"
rescue LoadError => error
  warn error.message
  exit! 97
end

sink = File.open(report, File::WRONLY | File::CREAT | File::EXCL | File::APPEND, 0o600)
own = Process.pid
lock = Mutex.new

quoted = lambda do |value|
  text = value.to_s.encode("UTF-8", invalid: :replace, undef: :replace).scrub
  '"' + text.gsub(/["\\\x00-\x1f]/) { |char| format("\\u%04x", char.ord) } + '"'
end
written = lambda do |value|
  case value
  when Integer then value.to_s
  when Array then "[" + value.map(&quoted).join(",") + "]"
  else quoted.call(value)
  end
end
say = lambda do |fields|
  pairs = fields.compact.map { |name, value| "#{quoted.call(name)}:#{written.call(value)}" }
  lock.synchronize { sink.syswrite("{" + pairs.join(",") + "}\n") } if Process.pid == own
end

skip = Minitest::Skip
libraries = [*Gem.path, *RbConfig::CONFIG.values_at("rubylibdir", "vendordir", "sitedir")].compact.map { |dir| dir + "/" }
is_installed = ->(file) { file && libraries.any? { |dir| file.start_with?(dir) } }

# What an exception says, and where it came from.
told = lambda do |error|
  error = error.error if error.respond_to?(:error)
  head = error.is_a?(Minitest::Assertion) ? error.message : "#{error.class}: #{error.message}"
  trace = Array(error.backtrace).reject { |line| is_installed.call(line) }
  [head, *trace.first(50)].join("\n")
end

# How the body of each test ended, before anything could say otherwise.
raised = {}
running = nil
Minitest::Test.prepend(Module.new do
  define_method(:run) do |*args, &block|
    # Tests may run side by side.
    test = running = [self.class.to_s, name.to_s]
    raised.delete(test)
    super(*args, &block)
  end

  define_method(:capture_exceptions) do |*args, &block|
    test = [self.class.to_s, name.to_s]
    super(*args) do
      block.call
    rescue Exception => error
      raised[test] ||= error.class.to_s unless error.is_a?(skip)
      raise
    end
  end
end)

# Tests whose end was told.
ended = {}
failures = Minitest::Runnable.instance_method(:failures)
Minitest::CompositeReporter.prepend(Module.new do
  define_method(:record) do |result|
    test = [result.respond_to?(:klass) ? result.klass.to_s : result.class.to_s, result.name.to_s]
    found = failures.bind_call(result)
    place = result.respond_to?(:source_location) ? result.source_location : result.method(result.name).source_location
    status = found.all?(skip) ? (found.empty? ? "passed" : "skipped") : "failed"
    ended[test] = true
    say.call(
      event: "test", class: test[0], name: test[1], status: status, raised: raised[test],
      file: place&.first, line: place&.last, text: found.map(&told).join("\n")
    )
    super(result)
  end
end)

# Functions that tests rely on. They are compared without the use of any of them.
asserts = Minitest::Assertions.public_instance_methods(false).grep(/\A(assert|refute|flunk)/)
builtins = [Object, Array, Hash, String, Symbol, Integer, Float, NilClass, TrueClass, FalseClass, Struct, Range, Exception]
helpers = %i[== != === =~ <=> eql? equal? nil? empty? include? is_a? kind_of? instance_of? size length count match? hash]
kept = [[Minitest::Test, [*asserts, :capture_exceptions, :run]], *builtins.map { |type| [type, helpers] }]
method_of = Module.instance_method(:instance_method)
is_same = UnboundMethod.instance_method(:==)
function = lambda do |type, name|
  method_of.bind_call(type, name)
rescue NameError
  nil
end
before = kept.flat_map { |type, names| names.map { |name| [type, name, function.call(type, name)] } }
patched = lambda do
  changed = before.reject do |type, name, was|
    now = function.call(type, name)
    next true if now ? was && is_same.bind_call(now, was) : !was

    is_installed.call(now&.source_location&.first)
  end
  changed.map { |type, name, _| "#{type}##{name}" }
end

# The run is begun here and by nobody else.
Minitest.class_variable_set(:@@installed_at_exit, true)
run = Minitest.method(:run)
types = ObjectSpace.method(:each_object)

files.each do |file|
  require File.expand_path(file)
rescue SignalException
  raise
rescue Exception => error
  missing = error.path if error.is_a?(LoadError)
  say.call(event: "load", file: file, missing: missing, text: told.call(error))
end

begin
  # In the same order each time.
  is_ok = run.call(["--seed", "1"])
rescue SystemExit => error
  if running
    text = "SystemExit: the test ended the process\n#{told.call(error)}"
    say.call(event: "test", class: running[0], name: running[1], status: "failed", text: text)
  end
  raise
end

types.call(Minitest::Test.singleton_class) do |type|
  type.public_instance_methods(true).grep(/\Atest_/).sort.each do |name|
    place = type.instance_method(name).source_location
    next if ended[[type.to_s, name.to_s]] || is_installed.call(place&.first)

    say.call(event: "left", class: type.to_s, name: name, file: place&.first)
  end
end
say.call(event: "end", patched: patched.call)
Minitest.class_variable_get(:@@after_run).reverse_each(&:call)
exit(is_ok ? true : false)
