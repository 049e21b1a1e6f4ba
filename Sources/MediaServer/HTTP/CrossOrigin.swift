import Foundation
import HTTPTypes

/// Which pages of other origins may read what the engine serves, and how (the Fetch standard's CORS protocol).
struct CrossOrigin: Sendable {
    /// `hlsAllowOrigins`, `webrtcAllowOrigins`
    private let allowOrigins: [String]
    private let methods: String
    /// Beside those that every request may have.
    private let requestHeaders: String
    /// Of a response, beside those that every page may see.
    private let responseHeaders: String

    static func hls(allowOrigins: [String]) -> Self {
        Self(
            allowOrigins: allowOrigins, methods: "OPTIONS, GET, HEAD", requestHeaders: "Authorization, Range",
            responseHeaders: "Content-Length, Content-Range")
    }

    static func webRTC(allowOrigins: [String]) -> Self {
        Self(
            allowOrigins: allowOrigins, methods: "OPTIONS, GET, HEAD, POST, PATCH, DELETE",
            requestHeaders: "Authorization, Content-Type, If-Match",
            responseHeaders: "ETag, ID, Accept-Patch, Accept-Post, Link, Location, Retry-After")
    }

    /// The headers that every response carries, also a refusal: else the page can't see why.
    func headers(origin: String?) -> HTTPFields {
        var headers = HTTPFields()
        if allowOrigins.contains("*") {
            headers[.accessControlAllowOrigin] = "*"
        } else {
            headers[.vary] = "Origin"
            guard let origin, isAllowed(origin) else { return headers }
            headers[.accessControlAllowOrigin] = origin
            headers[.accessControlAllowCredentials] = "true"
        }
        headers[.accessControlExposeHeaders] = responseHeaders
        return headers
    }

    /// What a preflight request is told in addition.
    ///
    /// - Parameter asksForPrivateNetwork: whether a page of a public network asks to read from this one (the draft Private
    ///   Network Access). Only named origins may: `*` means that anybody may read, not that anybody may be sent here.
    func preflightHeaders(origin: String?, asksForPrivateNetwork: Bool) -> HTTPFields {
        var headers: HTTPFields = [
            .accessControlAllowMethods: methods,
            .accessControlAllowHeaders: requestHeaders,
        ]
        if asksForPrivateNetwork, let origin, isAllowed(origin) {
            headers[.accessControlAllowPrivateNetwork] = "true"
        }
        return headers
    }

    /// An entry is an origin, or one with `*.` in place of the first labels of its host: `https://*.example.com`.
    private func isAllowed(_ origin: String) -> Bool {
        allowOrigins.contains { entry in
            if entry == origin { return true }
            guard let star = entry.range(of: "://*.") else { return false }
            let scheme = entry[..<star.lowerBound] + "://"
            let suffix = entry[entry.index(before: star.upperBound)...]
            return origin.hasPrefix(scheme) && origin.hasSuffix(suffix) && origin.count > scheme.count + suffix.count
        }
    }
}

extension HTTPField.Name {
    static let accessControlRequestPrivateNetwork = HTTPField.Name("access-control-request-private-network")!
    static let accessControlAllowPrivateNetwork = HTTPField.Name("access-control-allow-private-network")!
}
