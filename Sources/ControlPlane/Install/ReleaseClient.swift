import AsyncHTTPClient
import EngineContract
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// Fetches files of a release over HTTP.
struct ReleaseClient: Sendable {
    private let client: HTTPClient

    static let userAgent = "toposync-streaming/0.1"
    /// Bytes of an archive at most; a release's has about 30 MB.
    static let assetLimit = 256 << 20
    private static let textLimit = 1 << 20
    private static let redirectLimit = 5
    private static let connectTimeout: TimeAmount = .seconds(15)
    /// How long nothing may come.
    private static let silenceTimeout: TimeAmount = .seconds(30)
    /// Bytes that are collected before they are written.
    private static let writeSize = 256 << 10

    /// Opens connections, runs the body and closes them.
    static func with<Result: Sendable>(
        _ body: (ReleaseClient) async throws(InstallError) -> Result
    ) async throws(InstallError) -> Result {
        // Redirects are followed by ourselves, so that none leads from https to http; pauses between tries are the installation's.
        let client = HTTPClient.ofPeer { $0.timeout = .init(connect: connectTimeout, read: silenceTimeout) }
        do {
            let result = try await body(ReleaseClient(client: client))
            try? await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    /// A small text.
    ///
    /// - Parameter asset: what it is needed for, which does not exist if it does not.
    func text(at url: String, for asset: String) async throws(InstallError) -> String {
        let response = try await get(url, headers: [])
        guard response.status == .ok else { throw refusal(response.status, asset, url: url) }
        do {
            let body = try await response.body.collect(upTo: Self.textLimit)
            return String(decoding: body.readableBytesView, as: UTF8.self)
        } catch {
            throw failure(error, url: url)
        }
    }

    /// Downloads an archive to a file, going on where that ends.
    ///
    /// - Parameters:
    ///   - path: a file that may be there from an earlier try; what it has is not asked for again.
    ///   - onProgress: gets the file's size, and the size that it is to have when the server says it.
    /// - Throws: ``InstallError``; what came until then stays in the file.
    func download(
        _ asset: String, at url: String, to path: String,
        onProgress: @Sendable (_ bytes: Int, _ total: Int?) -> Void
    ) async throws(InstallError) {
        var file = try PartialFile(path)
        let response = try await get(url, headers: file.size > 0 ? [("Range", "bytes=\(file.size)-")] : [])
        let total: Int?
        switch response.status {
        case .partialContent where ContentRange(response.headers)?.first == file.size:
            total = ContentRange(response.headers)?.total
        case .ok, .partialContent:
            // A server that does not know ranges begins anew; one that sends another range is asked without next time.
            try file.clear()
            guard response.status == .ok else { throw .brokenOff(asset: asset, bytes: 0) }
            total = response.headers.first(name: "Content-Length").flatMap { Int($0) }
        case .rangeNotSatisfiable:
            // We have all of it, or more than there is. Whether it is the right thing is the checksum's to say.
            if ContentRange(response.headers)?.total == file.size { return }
            try file.clear()
            throw .brokenOff(asset: asset, bytes: 0)
        default: throw refusal(response.status, asset, url: url)
        }
        if let total, total > Self.assetLimit { throw .tooLarge(asset: asset, limit: Self.assetLimit) }
        onProgress(file.size, total)
        var pending: [UInt8] = []
        var broken: InstallError?
        do {
            for try await piece in response.body {
                pending += piece.readableBytesView
                if pending.count >= Self.writeSize {
                    try await file.append(pending)
                    pending = []
                    onProgress(file.size, total)
                }
                if file.size + pending.count > Self.assetLimit {
                    throw InstallError.tooLarge(asset: asset, limit: Self.assetLimit)
                }
            }
        } catch {
            broken = failure(error, url: url)
        }
        // What came before the line broke is worth keeping.
        if !pending.isEmpty { try await file.append(pending) }
        onProgress(file.size, total)
        if let broken { throw broken }
        if let total, file.size != total { throw .brokenOff(asset: asset, bytes: file.size) }
    }

    // MARK: Requests

    private func get(
        _ url: String, headers: [(String, String)]
    ) async throws(InstallError) -> HTTPClientResponse {
        var current = url
        for _ in 0...Self.redirectLimit {
            var request = HTTPClientRequest(url: current)
            request.headers = HTTPHeaders(headers + [("User-Agent", Self.userAgent), ("Accept", "*/*")])
            let response: HTTPClientResponse
            do {
                response = try await client.execute(request, deadline: .now() + Self.silenceTimeout)
            } catch {
                throw failure(error, url: current)
            }
            guard [301, 302, 303, 307, 308].contains(response.status.code) else { return response }
            guard let location = response.headers.first(name: "Location"),
                let next = Self.target(of: location, from: current)
            else { throw .badRedirect(url: url) }
            current = next
        }
        throw .badRedirect(url: url)
    }

    /// Where a redirect leads; nil when it leads nowhere, or from https to anything else.
    static func target(of location: String, from url: String) -> String? {
        guard let base = URL(string: url), let target = URL(string: location, relativeTo: base)?.absoluteURL,
            let scheme = target.scheme?.lowercased()
        else { return nil }
        let allowed = base.scheme?.lowercased() == "https" ? ["https"] : ["http", "https"]
        return allowed.contains(scheme) ? target.absoluteString : nil
    }

    private func refusal(_ status: HTTPResponseStatus, _ asset: String, url: String) -> InstallError {
        status == .notFound || status == .gone
            ? .notOffered(asset: asset, url: url)
            : .refused(url: url, status: Int(status.code))
    }

    private func failure(_ error: any Error, url: String) -> InstallError {
        switch error {
        case let error as InstallError: error
        case is CancellationError: .cancelled
        case let error as HTTPClientError where error == .cancelled: .cancelled
        default:
            .unreachable(host: URL(string: url)?.host() ?? url, reason: Self.reason(error))
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: error.shortDescription.lowercased()
        case let error as IOError: unsafe String(cString: strerror(error.errnoCode)).lowercased()
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { reason($0.error) }
                ?? (error.dnsAError ?? error.dnsAAAAError).map { "\($0)" } ?? "no connection"
        default: "\(error)"
        }
    }
}

/// `Content-Range: bytes 100-199/200` or `bytes */200` (RFC 9110, 14.4).
struct ContentRange: Hashable, Sendable {
    var first: Int?
    var total: Int?

    init?(_ headers: HTTPHeaders) {
        guard let field = headers.first(name: "Content-Range") else { return nil }
        self.init(field)
    }

    init?(_ field: String) {
        let words = field.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
        let parts = words[1].split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        first = parts[0].split(separator: "-").first.flatMap { Int($0) }
        total = Int(parts[1])
    }
}
