import Foundation
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import StreamModel
import Synchronization

/// The certificate that a listener shows. When its files change, connections that come later get the new one; nothing has to
/// be restarted, and no connection is ended.
///
/// The files are read when a client connects, at most once per ``lookInterval``. This needs no timer, and it notices new
/// files however they were replaced (renamed, linked, mounted).
public final class ServerCertificate: Sendable {
    static let lookInterval: Duration = .seconds(2)

    private struct State {
        var current: LoadedCertificate
        /// What the files held at the last look, usable or not.
        var bytes: CertificateBytes?
        var lastLook: ContinuousClock.Instant
    }

    private let files: CertificateFiles
    private let protocols: [String]
    private let logger: Logger
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state: Mutex<State>

    /// Reads the files. Blocks; belongs to the start-up.
    ///
    /// - Parameter protocols: those of the connections (ALPN, RFC 7301), the best first.
    /// - Throws: ``CertificateError`` when the files can't be used. An expired certificate is only warned of.
    public convenience init(
        _ files: CertificateFiles, protocols: [String], logger: Logger
    ) throws(CertificateError) {
        try self.init(files, protocols: protocols, logger: logger, now: { .now })
    }

    init(
        _ files: CertificateFiles, protocols: [String], logger: Logger,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) throws(CertificateError) {
        self.files = files
        self.protocols = protocols
        self.logger = logger
        self.now = now
        let bytes = try CertificateBytes(files)
        let loaded = try bytes.load(files, protocols: protocols)
        state = Mutex(State(current: loaded, bytes: bytes, lastLook: now()))
        warnIfExpired(loaded)
    }

    /// The SHA-256 hash of the certificate, as browsers show it.
    public var fingerprint: String { state.withLock(\.current.fingerprint) }

    /// What a new connection is secured with. Never fails: a listener would end with the error.
    public func context(on eventLoop: any EventLoop) -> EventLoopFuture<NIOSSLContext> {
        let moment = now()
        let (context, isToLook) = state.withLock { state in
            let isToLook = state.lastLook.duration(to: moment) >= Self.lookInterval
            if isToLook { state.lastLook = moment }
            return (state.current.context, isToLook)
        }
        guard isToLook else { return eventLoop.makeSucceededFuture(context) }
        return NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { [self] in look() }
            .flatMapErrorThrowing { _ in context }
    }

    /// Reads the files anew, and takes what they hold if it is usable. Blocks.
    func look() -> NIOSSLContext {
        let read = Result { () throws(CertificateError) in try CertificateBytes(files) }
        let isNew = state.withLock { state in
            defer { state.bytes = try? read.get() }
            return state.bytes != (try? read.get())
        }
        guard isNew else { return state.withLock(\.current.context) }
        do throws(CertificateError) {
            let loaded = try read.get().load(files, protocols: protocols)
            state.withLock { $0.current = loaded }
            logger.notice(
                "The certificate has changed, and new connections get it.",
                metadata: ["file": "\(files.certificate)", "fingerprint": "\(loaded.fingerprint)"])
            warnIfExpired(loaded)
        } catch {
            logger.warning("The certificate's files have changed, but the one before goes on being used. \(error)")
        }
        return state.withLock(\.current.context)
    }

    private func warnIfExpired(_ loaded: LoadedCertificate) {
        guard loaded.expires < Date() else { return }
        logger.warning(
            """
            The certificate in \(files.certificate) expired on \(loaded.expires.formatted(.iso8601)), and browsers refuse it. \
            Renew it; the server takes the new one by itself.
            """)
    }
}
