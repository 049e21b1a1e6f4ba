import Foundation

@testable import ControlPlane

/// A small program that stands in for MediaMTX where it has to misbehave.
enum MediaMTXStandIn {
    /// - Parameters:
    ///   - version: what it says it is.
    ///   - folder: it reads how to behave in the file `mtx-behaviour` there, at each start: `good`, `crash`, or `mortal`,
    ///     which ends at the first change of its settings.
    static func program(_ version: String = "v1.16.2", in folder: TemporaryFolder) -> String {
        """
        #!/usr/bin/env python3
        import http.server, json, os, re, sys

        folder = "\(folder.path)"
        if sys.argv[1] == "--version":
            print("\(version)")
            sys.exit(0)
        with open(folder + "/mtx-starts", "a") as starts:
            starts.write("%d\\n" % os.getpid())
        behaviour = "good"
        if os.path.exists(folder + "/mtx-behaviour"):
            behaviour = open(folder + "/mtx-behaviour").read()
        if behaviour == "crash":
            print("2026/11/21 10:00:00 ERR no such luck", flush=True)
            sys.exit(1)
        text = open(sys.argv[1]).read()
        port = int(re.search(r'apiAddress: "127\\.0\\.0\\.1:(\\d+)"', text).group(1))

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                self.rfile.read(int(self.headers.get("content-length", 0)))
                if self.command != "GET":
                    with open(folder + "/mtx-changes", "a") as changes:
                        changes.write(self.command + " " + self.path + "\\n")
                if behaviour == "mortal" and self.command != "GET":
                    os._exit(1)
                out = {"version": "\(version)", "started": "", "itemCount": 0, "pageCount": 0, "items": []}
                data = json.dumps(out).encode()
                # It knows the paths of its file as that is now.
                path = self.path.removeprefix("/v3/config/paths/get/")
                isThere = path == self.path or '  "%s":' % path in open(sys.argv[1]).read()
                self.send_response(200 if isThere else 404)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_DELETE = answer

            def log_message(self, *arguments):
                pass

        http.server.ThreadingHTTPServer.allow_reuse_address = True
        http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()

        """
    }
}
