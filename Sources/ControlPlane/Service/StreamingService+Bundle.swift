import Foundation
import Logging
import StreamModel

extension StreamingService {
    /// Bytes of the end of each log that are put in.
    private static let logLimit = 256 << 10
    /// Files of logs that are put in, the newest of them.
    private static let logCount = 12
    private static let bundleEventCount = 1000

    private static let readMe = """
        What Toposync Streaming says of itself, for whoever looks for a fault.

        diagnostics.json    engine, workers, outputs, cameras, what happened lately
        configuration.json  what is set up, without passwords
        system.json         the machine
        logs/               the ends of the logs

        Passwords, tokens and secrets are taken out. Names, addresses of cameras and of machines are left in: look before you
        publish it.

        """

    /// Everything that helps to find a fault, as a ZIP file, without secrets.
    public func diagnosticsBundle(productVersion: String) async -> Data {
        let stored = store.current
        let sweep = SecretSweep(await knownSecrets(stored))
        let now = Date()
        var archive = ZipArchive(at: now)
        let folder = "toposync-diagnostics/"
        func add(_ name: String, _ json: JSONValue) {
            archive.add(folder + name, sweep.clean(json).readableData)
        }
        archive.add(folder + "README.txt", Data(Self.readMe.utf8))
        var report = await diagnostics().objectValue ?? [:]
        report["product_version"] = .string(productVersion)
        report["runtime_outputs"] = await runtimeOutputs().json
        report["events"] = .array(await store.events(limit: Self.bundleEventCount).map(\.json))
        report["problems"] = .array(store.problems.map(\.json))
        add("diagnostics.json", .object(report))
        add(
            "configuration.json",
            ConfigurationBackup.document(of: stored, secrets: false, productVersion: productVersion, createdAt: now))
        add("system.json", SystemFacts.json(dataDirectory: dataDirectory))
        archive.add(folder + "logs/server.log", Self.text(recentLog(), sweep))
        for file in await Self.logs(in: logsFolder) {
            archive.add(folder + "logs/" + file.name, Self.text(file.lines, sweep))
        }
        logger.notice("A bundle of diagnostics was made.")
        return archive.data
    }

    private func knownSecrets(_ stored: StoredConfiguration) async -> [Secret] {
        // The whole address of a webhook: for many services its path is what lets somebody in.
        Secret.all(in: stored) + stored.settings.events.webhooks.map { Secret($0.url) } + engineSecrets
            + [await accounts.pendingSetupCode].compactMap(\.self)
    }

    private static func text(_ lines: [String], _ sweep: SecretSweep) -> Data {
        Data(lines.map { sweep.clean($0) + "\n" }.joined().utf8)
    }

    /// The ends of the newest logs of engine and workers.
    private static func logs(in folder: String) async -> [(name: String, lines: [String])] {
        let read = try? await BlockingWork.run { () -> [(name: String, lines: [String])] in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            let newest = names.filter { $0.hasSuffix(".log") }.sorted { ($0.suffix(19), $0) > ($1.suffix(19), $1) }
            return newest.prefix(logCount).compactMap { name in
                end(of: "\(folder)/\(name)").map { (LogFiles.sanitised(String(name.dropLast(4))) + ".log", $0) }
            }
        }
        return read ?? []
    }

    private static func end(of path: String) -> [String]? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        let size = (try? file.seekToEnd()) ?? 0
        let start = size > UInt64(logLimit) ? size - UInt64(logLimit) : 0
        guard (try? file.seek(toOffset: start)) != nil, let data = try? file.read(upToCount: logLimit) else {
            return nil
        }
        let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
        // The first line of a piece from the middle is not whole.
        return Array(lines.dropFirst(start > 0 ? 1 : 0))
    }
}

extension JSONValue {
    /// The document as people read it.
    fileprivate var readableData: Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "", negativeInfinity: "", nan: "")
        return (try? encoder.encode(self)) ?? data
    }
}
