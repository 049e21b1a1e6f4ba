import Foundation

@testable import ControlPlane

/// A small program that stands in for ours, as engine and as worker, and can be told to misbehave.
enum StandIn {
    /// How it behaves; combined as words of the file `behaviour` beside it, which it reads at each start.
    enum Behaviour: String {
        case good
        /// Ends at once with a complaint in the log.
        case crashAtStart = "crash"
        /// Runs and never answers.
        case silent
        /// As a worker, reports only the first of its renditions.
        case hangsInPart = "part"
        /// Ignores SIGTERM and the end of its input.
        case stubborn
        /// As a worker, passes the camera's pictures on.
        case copies = "copy"
        /// Answers every change with 400.
        case refusesChanges = "refuse"
        /// As a worker, says what nobody asked for, and fills its log.
        case boasts = "boast"
        /// Finds a port taken at its first start.
        case portTaken = "taken"
    }

    /// Writes the program.
    static func install(in folder: TemporaryFolder, _ behaviour: Behaviour = .good) throws -> String {
        try set(behaviour, in: folder)
        return try folder.write("stand-in", program)
    }

    static func set(_ behaviour: Behaviour, in folder: TemporaryFolder) throws {
        _ = try folder.write("behaviour", behaviour.rawValue)
    }

    private static let program = #"""
        #!/usr/bin/env python3
        import base64, hashlib, http.server, json, os, re, signal, sys, threading, time

        folder = os.path.dirname(os.path.abspath(__file__))
        role = sys.argv[1] if len(sys.argv) > 1 and sys.argv[1].startswith("engine") else "worker"
        if role == "engine-guard":
            sys.exit(0)
        behaviour = open(folder + "/behaviour").read()
        with open(folder + "/starts", "a") as starts:
            starts.write(role + " %d\n" % os.getpid())
        with open(folder + "/environment", "w") as environment:
            environment.write("\n".join(sorted(os.environ)))
        if behaviour == "stubborn":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if behaviour == "crash":
            print("2026/11/21 10:00:00 ERR no such luck at rtsp://user:hunter2@camera/1", flush=True)
            sys.exit(3)
        if behaviour == "taken" and len(open(folder + "/starts").readlines()) == 1:
            print("2026/11/21 10:00:00 ERR listen tcp 127.0.0.1:8554: bind: address already in use", flush=True)
            sys.exit(1)

        def engine(path):
            text = open(path).read()
            port = int(re.search(r'apiAddress: "127\.0\.0\.1:(\d+)"', text).group(1))
            # The first user is the one of the control API.
            name, password = re.search(r'user: "(.*)"', text).group(1), re.search(r'pass: "(.*)"', text).group(1)
            api_users = [(name, password)]

            def fits(given, kept):
                return kept in (given, "sha256:" + base64.b64encode(hashlib.sha256(given.encode()).digest()).decode())

            def may(header):
                given = base64.b64decode((header or "").removeprefix("Basic ")).decode().partition(":")[::2]
                return any(fits(given[0], user) and fits(given[1], password) for user, password in api_users)

            class Handler(http.server.BaseHTTPRequestHandler):
                def answer(self):
                    body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
                    if self.command != "GET":
                        with open(folder + "/changes", "a") as changes:
                            changes.write(self.command + " " + self.path + " " + body + "\n")
                    status, out = 200, {"status": "ok"}
                    if not may(self.headers.get("authorization")):
                        status, out = 401, {"status": "error", "error": "authentication error"}
                    elif self.path == "/v3/info":
                        out = {"version": "stand-in", "started": ""}
                    elif self.path.startswith("/v3/paths/list"):
                        out = {"itemCount": 0, "pageCount": 0, "items": []}
                        if os.path.exists(folder + "/paths.json"):
                            out = json.load(open(folder + "/paths.json"))
                    elif behaviour == "refuse":
                        status, out = 400, {"status": "error", "error": "no"}
                    elif "authInternalUsers" in body:
                        api_users[:] = [
                            (user["user"], user["pass"]) for user in json.loads(body)["authInternalUsers"]
                            if any(permission["action"] == "api" for permission in user["permissions"])]
                    data = json.dumps(out).encode()
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)

                do_GET = do_POST = do_PATCH = do_DELETE = answer

                def log_message(self, *arguments):
                    pass

            http.server.ThreadingHTTPServer.allow_reuse_address = True
            http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()

        def worker():
            wanted = []

            def say(event):
                print(json.dumps(event), flush=True)

            def boast():
                for number in range(1000):
                    say({"event": "rendition", "status": {
                        "id": "made-up-%d" % number, "state": "live", "frames_received": 1, "frames_sent": 1,
                        "frames_repeated": 0, "frames_dropped": 0, "bytes_sent": 1, "encode_seconds": 0.5,
                        "restart_count": 0, "hardware_accelerated": False}})
                    say({"event": "active_writer", "transmission_id": "made-up-%d" % number, "writer_id": "w"})
                    say({"event": "camera", "status": {"camera_id": "made-up-%d" % number, "state": "live"}})
                say({"event": "ready", "pid": 1})
                for rendition in wanted:
                    say({"event": "rendition", "status": {
                        "id": rendition, "state": "live", "frames_received": 2**63 - 1, "frames_sent": -(2**63),
                        "frames_repeated": 0, "frames_dropped": 0, "bytes_sent": 2**63 - 1, "encode_seconds": 1e308,
                        "restart_count": 2**63 - 1, "hardware_accelerated": False,
                        "message": "a" * 1000000}})
                sys.stderr.write("noise\n" * 1000000)

            def report():
                while behaviour == "boast" and not wanted:
                    time.sleep(0.01)
                if behaviour == "boast":
                    boast()
                    return
                while True:
                    if behaviour != "silent":
                        for rendition in sorted(wanted)[:1] if behaviour == "part" else list(wanted):
                            say({"event": "rendition", "status": {
                                "id": rendition, "state": "live", "frames_received": 1, "frames_sent": 1,
                                "frames_repeated": 0, "frames_dropped": 0, "bytes_sent": 1, "encode_seconds": 0.5,
                                "restart_count": 0, "hardware_accelerated": False,
                                "mode": "copy" if behaviour == "copy" else "encode"}})
                    time.sleep(0.1)

            say({"event": "ready", "pid": os.getpid()})
            threading.Thread(target=report, daemon=True).start()
            for line in sys.stdin:
                with open(folder + "/commands", "a") as commands:
                    commands.write(line)
                command = json.loads(line)
                if command["command"] == "demand":
                    wanted[:] = command["renditions"]
                if command["command"] == "test_camera" and behaviour == "good":
                    say({"event": "camera_tested", "request_id": command["request_id"],
                         "result": {"ok": True, "message": "A picture came.", "message_code": "text",
                                    "message_parameters": {}, "codec": "h264"}})
                if command["command"] == "take_still" and behaviour != "silent":
                    say({"event": "still_taken", "request_id": command["request_id"],
                         "result": {"is_live": True, "jpeg": base64.b64encode(b"\xff\xd8\xff a picture").decode()}})
                if command["command"] == "shutdown" and behaviour != "stubborn":
                    break
            if behaviour == "stubborn":
                time.sleep(600)

        if role == "engine":
            if behaviour == "silent":
                time.sleep(600)
            engine(sys.argv[-1])
        else:
            worker()
        """#
}

extension TemporaryFolder {
    /// The lines of a file that the stand-in wrote.
    func lines(_ name: String) -> [String] {
        ((try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)) ?? "").split(separator: "\n").map(
            String.init)
    }
}

/// Waits for something that other processes do; gives up after a while.
func eventually(within limit: Duration = .seconds(30), _ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return try await condition()
}

func isAlive(_ pid: Int) -> Bool {
    guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
    return !stat.contains(") Z ")
}
