import EngineContract
import Foundation
import NIOHTTP1
import Synchronization
import Testing

@testable import ControlPlane

/// A release of MediaMTX that never was, and the server that has it.
final class MadeUpRelease: Sendable {
    /// How the archive is answered; each one for one request, then it is answered well.
    enum Trouble: Sendable {
        /// The connection is cut after a part of it.
        case cut(at: Double)
        /// Nothing comes any more after a part of it.
        case stall(at: Double)
        case status(Int)
        /// The whole archive, whatever range was asked for.
        case ignoresRange
    }

    let version: MediaMTXVersion
    let asset: String
    let archive: [UInt8]
    let server: LocalServer
    private let script: Script

    final class Script: Sendable {
        let troubles: Mutex<[Trouble]>
        init(_ troubles: [Trouble]) { self.troubles = Mutex(troubles) }
        func next() -> Trouble? { troubles.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
    }

    /// - Parameters:
    ///   - checksums: the file of checksums; nil is the right one.
    ///   - redirects: whether the archive is elsewhere, as GitHub's are.
    init(
        _ version: MediaMTXVersion = MediaMTXVersion(1, 16, 2), platform: MachinePlatform, archive: [UInt8],
        checksums: String? = nil, redirects: Bool = false, troubles: [Trouble] = []
    ) async throws {
        self.version = version
        self.archive = archive
        let asset = platform.archiveName(version: version.description)
        self.asset = asset
        let script = Script(troubles)
        self.script = script
        let list = try checksums ?? "\(Archives.sha256sum(archive)) *\(asset)\n"
        server = try await LocalServer { request in
            switch request.path {
            case "/\(version)/checksums.sha256": return .init(body: Array(list.utf8))
            case "/\(version)/\(asset)" where redirects:
                return .init(status: .found, headers: [("Location", "/elsewhere/\(asset)?token=1")])
            case "/\(version)/\(asset)", "/elsewhere/\(asset)?token=1":
                return Self.reply(archive, request, script.next())
            default: return .notFound
            }
        }
    }

    static func reply(
        _ archive: [UInt8], _ request: LocalServer.Request, _ trouble: Trouble?
    ) -> LocalServer.Reply {
        var reply = LocalServer.Reply(body: archive)
        if let range = request.range, let first = Int(range.dropFirst("bytes=".count).dropLast()) {
            if case .ignoresRange = trouble { return reply }
            if first >= archive.count {
                return .init(
                    status: .rangeNotSatisfiable, headers: [("Content-Range", "bytes */\(archive.count)")])
            }
            reply.status = .partialContent
            reply.headers = [("Content-Range", "bytes \(first)-\(archive.count - 1)/\(archive.count)")]
            reply.body = Array(archive[first...])
        }
        func shorten(to part: Double) {
            reply.length = reply.body.count
            reply.body = Array(reply.body.prefix(Int(Double(reply.body.count) * part)))
        }
        switch trouble {
        case nil, .ignoresRange: break
        case .cut(let part):
            shorten(to: part)
            reply.end = .cut
        case .stall(let part):
            shorten(to: part)
            reply.end = .hold
        case .status(let code): reply = .init(status: .init(statusCode: code))
        }
        return reply
    }

    /// The requests for the archive itself.
    var assetRequests: [LocalServer.Request] { server.requests.filter { $0.path.contains(asset) } }
}

/// Archives, made and measured by programs that are not ours: Python's `tarfile` and coreutils' `sha256sum`.
enum Archives {
    struct Entry: Encodable {
        var name: String
        /// As `tarfile` calls it: `REGTYPE`, `SYMTYPE`, `LNKTYPE`, `FIFOTYPE`, `CHRTYPE`, `DIRTYPE`.
        var type = "REGTYPE"
        var link = ""
        var content = ""
        /// How often the content is there.
        var times = 1
        /// Bytes of a comment after it that hardly compresses.
        var noise = 0
    }

    /// - Parameter format: `GNU_FORMAT`, `USTAR_FORMAT` or `PAX_FORMAT`.
    static func tarGz(_ entries: [Entry], format: String = "GNU_FORMAT") throws -> [UInt8] {
        let input = try JSONEncoder().encode(entries)
        return try run(["python3", "-c", program, format], input)
    }

    /// What a good release has; the program is large enough to be cut into pieces.
    static func release(program: String = "#!/bin/sh\nexit 0\n") throws -> [UInt8] {
        return try tarGz([
            Entry(name: "mediamtx", content: program, noise: 1 << 20), Entry(name: "mediamtx.yml", content: "paths:\n"),
            Entry(name: "LICENSE", content: "MIT License\n"),
        ])
    }

    static func sha256sum(_ bytes: [UInt8]) throws -> String {
        String(decoding: try run(["sha256sum"], Data(bytes)), as: UTF8.self).split(separator: " ").first.map(
            String.init) ?? ""
    }

    /// - Parameter isStored: whether nothing in it is compressed.
    static func zip(_ entries: [Entry], isStored: Bool = false, comment: String = "") throws -> [UInt8] {
        let input = try JSONEncoder().encode(entries)
        return try run(
            ["python3", "-W", "ignore", "-c", zipProgram, isStored ? "ZIP_STORED" : "ZIP_DEFLATED", comment], input)
    }

    private static func run(_ command: [String], _ input: Data) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        let files = TemporaryFolder()
        let inputFile = "\(files.path)/input"
        let outputFile = "\(files.path)/output"
        try input.write(to: URL(filePath: inputFile))
        try Data().write(to: URL(filePath: outputFile))
        process.standardInput = FileHandle(forReadingAtPath: inputFile)
        process.standardOutput = FileHandle(forWritingAtPath: outputFile)
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return Array(try Data(contentsOf: URL(filePath: outputFile)))
    }

    private static let program = """
        import base64, io, json, os, sys, tarfile
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz", format=getattr(tarfile, sys.argv[1])) as archive:
            for entry in json.load(sys.stdin):
                info = tarfile.TarInfo(entry["name"])
                info.type = getattr(tarfile, entry["type"])
                info.linkname = entry["link"]
                content = entry["content"].encode() * entry["times"]
                if entry["noise"]:
                    content += b"# " + base64.b64encode(os.urandom(entry["noise"])) + b"\\n"
                info.size = len(content)
                info.mode = 0o755
                archive.addfile(info, io.BytesIO(content))
        sys.stdout.buffer.write(out.getvalue())
        """

    private static let zipProgram = """
        import base64, io, json, os, stat, sys, zipfile
        out = io.BytesIO()
        kinds = {"REGTYPE": stat.S_IFREG, "SYMTYPE": stat.S_IFLNK, "FIFOTYPE": stat.S_IFIFO}
        with zipfile.ZipFile(out, "w") as archive:
            for entry in json.load(sys.stdin):
                info = zipfile.ZipInfo(entry["name"])
                info.compress_type = getattr(zipfile, sys.argv[1])
                info.external_attr = (kinds[entry["type"]] | 0o755) << 16
                content = entry["content"].encode() * entry["times"]
                if entry["noise"]:
                    content += base64.b64encode(os.urandom(entry["noise"]))
                archive.writestr(info, content)
            archive.comment = sys.argv[2].encode()
        sys.stdout.buffer.write(out.getvalue())
        """
}
