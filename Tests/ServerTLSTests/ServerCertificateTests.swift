import Foundation
import Logging
import NIOCore
import NIOEmbedded
import StreamModel
import Synchronization
import Testing

@testable import ServerTLS

@Suite("A server's certificate")
struct ServerCertificateTests {
    private let folder: TestFolder
    private let log = LogLines()

    init() throws { folder = try TestFolder() }

    private func load(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) throws -> ServerCertificate {
        try ServerCertificate(folder.files, protocols: ["h2", "http/1.1"], logger: log.logger, now: now)
    }

    private func expect(_ error: CertificateError) {
        #expect(throws: error) { try load() }
    }

    @Test("What is wrong is told with the file")
    func errors() throws {
        let (one, other) = (try TestCertificate(), try TestCertificate())
        let files = folder.files
        expect(.unreadable(path: files.certificate, reason: "it does not exist"))
        try folder.write(certificate: one.certificate)
        expect(.unreadable(path: files.key, reason: "it does not exist"))
        try folder.write(key: "nonsense")
        expect(.noKey(path: files.key))
        try folder.write(key: "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIH=\n-----END ENCRYPTED PRIVATE KEY-----")
        expect(.encryptedKey(path: files.key))
        try folder.write(key: other.key)
        expect(.otherKey(certificate: files.certificate, key: files.key))
        try folder.write(certificate: one.key, key: one.key)
        expect(.noCertificate(path: files.certificate))
        try folder.write(certificate: String(repeating: "x", count: CertificateBytes.sizeLimit + 1))
        expect(.tooLarge(path: files.certificate, limit: CertificateBytes.sizeLimit))
        for error in [CertificateError.noKey(path: "/a/b.key"), .otherKey(certificate: "/a/b.key", key: "")] {
            #expect("\(error)".contains("/a/b.key"))
        }
    }

    @Test("One that has expired is warned of")
    func expired() throws {
        let certificate = try TestCertificate(expires: -3600)
        try folder.write(certificate: certificate.certificate, key: certificate.key)
        _ = try load()
        #expect(log.lines.count == 1 && log.lines.allSatisfy { $0.contains("expired on") })
    }

    @Test("A new one is used for the next connection; an unusable one is not")
    func reload() throws {
        let (one, other) = (try TestCertificate(), try TestCertificate())
        try folder.write(certificate: one.certificate, key: one.key)
        let subject = try load()
        let first = subject.fingerprint
        let context = subject.look()
        #expect(subject.look() === context && log.lines.isEmpty)

        // Between the two files of a renewal.
        try folder.write(certificate: other.certificate)
        #expect(subject.look() === context && subject.fingerprint == first)
        #expect(subject.look() === context && log.lines.count == 1, "told once")
        try folder.write(key: other.key)
        #expect(subject.look() !== context && subject.fingerprint != first)
        #expect(log.lines.count == 2)
    }

    @Test("The files are looked at once in an interval, whoever connects")
    func interval() async throws {
        let moment = Mutex(ContinuousClock.now)
        let (one, other) = (try TestCertificate(), try TestCertificate())
        try folder.write(certificate: one.certificate, key: one.key)
        let subject = try load { moment.withLock { $0 } }
        let first = subject.fingerprint
        try folder.write(certificate: other.certificate, key: other.key)
        let loop = NIOAsyncTestingEventLoop()
        _ = try await subject.context(on: loop).get()
        #expect(subject.fingerprint == first)
        moment.withLock { $0 += ServerCertificate.lookInterval }
        async let context = subject.context(on: loop).get()
        while subject.fingerprint == first { try await Task.sleep(for: .milliseconds(5)) }
        await loop.run()
        _ = try await context
        await loop.shutdownGracefully()
    }
}

/// What was logged.
final class LogLines: Sendable {
    private let store = Mutex<[String]>([])
    var lines: [String] { store.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(
            level: Logger.Level, message: Logger.Message, metadata: Logger.Metadata?, source: String, file: String,
            function: String, line: UInt
        ) {
            log.store.withLock { $0.append("\(message)") }
        }
    }
}
