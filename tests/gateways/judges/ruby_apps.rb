# Applications around snippets that were exported for rack-cors: a thread and a port for each.
# Reads the snippets as one line, writes the ports, and serves until its input ends.
require "json"
require "rack"
require "rack/cors"
require "rack/handler/webrick"
require "webrick"

HEADERS = { "ETag" => '"1"', "X-Total-Count" => "1", "X-Secret" => "1", "X-Reached" => "1" }.freeze
ANSWER = lambda do |env|
  [env["PATH_INFO"] == "/error" ? 500 : 200, HEADERS.merge("Content-Length" => "0"), []]
end

def application(snippet)
  Rack::Builder.new do
    instance_eval(snippet)
    run ANSWER
  end.to_app
end

quiet = { Logger: WEBrick::Log.new(File::NULL), AccessLog: [], DoNotReverseLookup: true }
ports = JSON.parse($stdin.gets).map do |snippet|
  server = WEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: 0, **quiet)
  server.listeners.each { |one| one.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1) }
  server.mount("/", Rack::Handler::WEBrick, application(snippet))
  Thread.new { server.start }
  server.listeners.first.addr[1]
end
puts JSON.generate(ports)
$stdout.flush
$stdin.read
exit!(0)
