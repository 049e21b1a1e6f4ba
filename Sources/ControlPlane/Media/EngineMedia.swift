import AsyncHTTPClient
import EngineContract
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import StreamModel

/// The engine's HLS and WHEP, as this server reads them.
struct EngineMedia: Sendable {
    var endpoint: EngineEndpoint
    var reader: EngineReader
    /// Whether the engine speaks TLS, by the certificate that viewers see.
    var isSecure = false

    /// Until an answer begins; an engine holds the first request for as long as a camera takes to start, and those of
    /// low-latency HLS for up to 15 s.
    private static let answerTimeout: TimeAmount = .seconds(20)
    private static let playlistLimit = 256 << 10
    private static let failureLimit = 16 << 10
    static let signalLimit = 64 << 10

    private static let http = HTTPClient.ofRelay(connectTimeout: .seconds(2)) { configuration in
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = MediaViewers.transferLimit
        configuration.httpVersion = .http1Only
        // Our own process on loopback shows the certificate of a name by which viewers know this machine.
        configuration.tlsConfiguration = .makeClientConfiguration()
        configuration.tlsConfiguration?.certificateVerification = .none
    }

    // MARK: HLS

    /// What players are told of a playlist or a segment.
    private static let mediaHeaders = [
        "content-type", "content-range", "accept-ranges", "cache-control", "etag", "last-modified",
    ]
    /// What engines are told of a request.
    private static let mediaRequestHeaders = ["range", "if-none-match", "if-modified-since", "if-range", "user-agent"]

    /// A media playlist, a segment or an initialization segment.
    func file(
        _ name: MediaFileName, of path: String, query: MediaQuery, headers: [String: String], _ transfer: MediaTransfer
    ) async throws(ControlPlaneError) -> MediaAnswer {
        var request = try self.request(.GET, \.hls, path, name.description + query.text)
        for name in Self.mediaRequestHeaders {
            if let value = headers[name] { request.headers.add(name: name, value: value) }
        }
        let response = try await execute(request)
        switch response.status {
        case .ok, .partialContent, .notModified, .rangeNotSatisfiable:
            return MediaAnswer(response, headers: response.headers(named: Self.mediaHeaders), transfer)
        default:
            throw await Self.refusal(response)
        }
    }

    /// The playlist that names the others. It is held until a player can begin.
    ///
    /// MediaMTX answers by a redirect to the same address with another query, to see whether cookies come back (reference:
    /// mediamtx-facts E.7). Only the query is followed, and no cookie is kept: the session is then in the playlist's
    /// addresses, as the built-in engine has it.
    func multivariantPlaylist(of path: String, query: MediaQuery) async throws(ControlPlaneError) -> ByteBuffer {
        let name = MediaFileName.multivariantPlaylist.description
        var response = try await execute(try request(.GET, \.hls, path, name + query.text))
        if response.status == .found,
            URLComponents(string: response.headers.first(name: "location") ?? "")?.queryItems?
                .contains(where: { $0.name == Self.cookieCheck && $0.value == "1" }) == true
        {
            let checked = query.text.isEmpty ? "?" : query.text + "&"
            response = try await execute(try request(.GET, \.hls, path, "\(name)\(checked)\(Self.cookieCheck)=1"))
        }
        guard response.status == .ok else { throw await Self.refusal(response) }
        do {
            return try await response.body.collect(upTo: Self.playlistLimit)
        } catch {
            throw .engineAway
        }
    }

    private static let cookieCheck = "cookieCheck"

    // MARK: MP4

    /// The whole stream as one MP4, in those of a viewer's codecs that it has.
    func stream(
        of path: String, codecs: String?, session: String, userAgent: String?, _ transfer: MediaTransfer
    ) async throws(ControlPlaneError) -> MediaStream {
        var query = "session=\(session)"
        if let codecs = codecs?.addingPercentEncoding(withAllowedCharacters: .alphanumerics) {
            query += "&codecs=\(codecs)"
        }
        var request = try self.request(.GET, \.hls, path, "\(MediaFileName.wholeStream)?\(query)")
        if let userAgent { request.headers.add(name: "user-agent", value: userAgent) }
        let response = try await execute(request)
        switch response.status {
        case .ok: return MediaStream(response, transfer)
        case .notAcceptable: throw .noCodecForBrowser
        default: throw await Self.refusal(response)
        }
    }

    // MARK: WHEP (draft-ietf-wish-whep)

    private static let signalHeaders = ["content-type", "etag", "id", "accept-patch", "accept-post", "link"]

    /// Passes an offer, a fragment or a goodbye on.
    ///
    /// - Parameters:
    ///   - session: the last part of the address that the engine gave a session; nil for the path itself.
    ///   - headers: those of the request.
    ///   - pageAddress: where the engine's media is found as well.
    func signal(
        _ method: HTTPMethod, of path: String, session: String?, headers: [String: String], body: ByteBuffer?,
        pageAddress: String? = nil
    ) async throws(ControlPlaneError) -> MediaAnswer {
        var request = try self.request(
            method, \.webrtc, path, (["whep"] + [session].compactMap(\.self)).joined(separator: "/"))
        for name in ["content-type", "if-match", "user-agent"] {
            if let value = headers[name] { request.headers.add(name: name, value: value) }
        }
        if let body { request.body = .bytes(body) }
        let response = try await execute(request)
        guard (200..<300).contains(response.status.code) else { throw await Self.refusal(response) }
        var answered = response.headers(named: Self.signalHeaders)
        if let location = response.headers.first(name: "location") {
            // An absolute path of the engine's; relative to the address that was asked, it holds behind every prefix.
            guard let name = URLComponents(string: location)?.path.split(separator: "/").last.map(String.init),
                Self.isSessionName(name)
            else { throw .engineAway }
            answered.append(("location", "whep/" + name))
        }
        do {
            var content = try await response.body.collect(upTo: Self.signalLimit)
            if let pageAddress {
                content = ByteBuffer(string: AnswerCandidates.adding(pageAddress, to: String(buffer: content)))
            }
            return MediaAnswer(status: Int(response.status.code), headers: answered, content)
        } catch {
            throw .engineAway
        }
    }

    /// A session of WebRTC, as the engine's answer to an offer names it.
    struct Session: Sendable {
        var path: String
        /// The last part of its address.
        var name: String
        /// As the control API names it.
        var id: String?

        /// - Returns: nil for an answer without an address.
        init?(of answer: MediaAnswer, path: String) {
            func header(_ name: String) -> String? { answer.headers.first { $0.name == name }?.value }
            guard let name = header("location")?.split(separator: "/").last else { return nil }
            self.path = path
            self.name = String(name)
            id = header("id")
        }
    }

    /// How often the end of a session is asked for. An engine that never hears of it is one that has ended, or hangs and sends nothing.
    private static let endTries = 3

    /// Ends a session, whose viewer may not watch any more.
    func end(_ session: Session) async {
        for _ in 0..<Self.endTries {
            do throws(ControlPlaneError) {
                _ = try await signal(.DELETE, of: session.path, session: session.name, headers: [:], body: nil)
                return
            } catch {
                if case .notFound = error { return }
            }
            guard (try? await Task.sleep(for: .seconds(1))) != nil else { return }
        }
    }

    /// Whether the engine has a session; also true when it does not say.
    func has(_ session: Session) async -> Bool {
        guard let id = session.id, let client = endpoint.client else { return false }
        return await client.hasWebRTCSession(id)
    }

    /// Whether a text can be the last part of the address of an engine's session.
    static func isSessionName(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && text.utf8.allSatisfy(\.isMediaNameByte)
    }

    // MARK: Requests

    /// What a path of the engine may have in an address as it is (`PathName` allows no more).
    private static let pathCharacters = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-_/."))

    private func request(
        _ method: HTTPMethod, _ port: KeyPath<EnginePorts, Int>, _ path: String, _ rest: String
    ) throws(ControlPlaneError) -> HTTPClientRequest {
        guard let ports = endpoint.ports,
            let path = path.addingPercentEncoding(withAllowedCharacters: Self.pathCharacters)
        else { throw .engineAway }
        let scheme = isSecure ? "https" : "http"
        var request = HTTPClientRequest(url: "\(scheme)://127.0.0.1:\(ports[keyPath: port])/\(path)/\(rest)")
        request.method = method
        request.setBasicAuth(username: reader.user, password: reader.password.exposed)
        return request
    }

    private func execute(_ request: HTTPClientRequest) async throws(ControlPlaneError) -> HTTPClientResponse {
        do {
            return try await Self.http.execute(request, timeout: Self.answerTimeout)
        } catch let error as HTTPClientError where error == .deadlineExceeded {
            throw .badGateway(CodedMessage("engine_too_slow", "The engine took too long to answer. Try again."))
        } catch {
            throw .engineAway
        }
    }

    /// Why an engine does not give what it was asked for. It knows us: when it asks for credentials, a session is over.
    private static func refusal(_ response: HTTPClientResponse) async -> ControlPlaneError {
        let body = try? await response.body.collect(upTo: failureLimit)
        let failure = body.flatMap {
            try? JSONDecoder().decode(ControlAPI.Failure.self, from: Data($0.readableBytesView))
        }
        let reason = failure.map { String($0.error.prefix(300)).redactingCredentials }
        switch response.status {
        case .unauthorized, .forbidden, .notFound, .gone:
            return .mediaGone(reason ?? "The engine does not have this, or not any more. Open the stream anew.")
        case .badRequest, .methodNotAllowed, .notAcceptable, .conflict, .preconditionFailed, .payloadTooLarge,
            .unsupportedMediaType, .unprocessableEntity, .preconditionRequired:
            return .badRequest(Self.refused(reason ?? "The engine did not accept the request."))
        default:
            return .badGateway(Self.refused(reason ?? "The engine failed (\(response.status.code))."))
        }
    }

    /// - Parameter reason: in the engine's own words.
    private static func refused(_ reason: String) -> CodedMessage {
        CodedMessage("engine_refuses", reason, ["reason": .string(reason)])
    }
}

extension ControlPlaneError {
    static let engineAway = Self.badGateway(
        CodedMessage("engine_silent", "The engine does not answer. It is started again by itself; try again."))

    static let noCodecForBrowser = Self.conflict(
        CodedMessage("no_codec_for_browser", "This browser plays none of the codecs of the stream."))

    /// What a viewer asks for is not there, or not any more.
    static func mediaGone(_ text: String) -> Self { .notFound(CodedMessage("media_gone", text)) }
}
