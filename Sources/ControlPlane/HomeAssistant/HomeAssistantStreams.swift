import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import StreamModel

/// What Core has of its cameras: HLS of those that have a stream, pictures of the others.
struct HomeAssistantStreams: Sendable {
    /// A file of HLS below Core, without a slash in front: `api/hls/<token>/segment/1.m4s`.
    struct Path: Hashable, Sendable {
        let text: String

        /// Nil for whatever leads elsewhere.
        init?(_ text: String) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard (4...6).contains(parts.count), parts[0] == "api", parts[1] == "hls", parts.allSatisfy(Self.isName)
            else { return nil }
            self.text = text
        }

        /// What a playlist names; nil for what is elsewhere.
        fileprivate func resolving(_ reference: Substring) -> Path? {
            if reference.hasPrefix("/") { return Path(String(reference.dropFirst())) }
            let folder = text[...(text.lastIndex(of: "/") ?? text.startIndex)]
            return Path("\(folder)\(reference.hasPrefix("./") ? reference.dropFirst(2) : reference)")
        }

        private static func isName(_ text: Substring) -> Bool {
            (1...128).contains(text.utf8.count) && text.first != "."
                && text.utf8.allSatisfy { $0.isMediaNameByte || $0 == UInt8(ascii: ".") }
        }
    }

    let supervisor: SupervisorClient

    /// Until an answer begins: a first playlist has two segments of six seconds.
    private static let answerTimeout: TimeAmount = .seconds(30)
    /// Of a picture; Core waits for a camera for 10 s.
    private static let stillTimeout: Duration = .seconds(11)
    private static let stillLimit = 8 << 20
    private static let playlistLimit = 256 << 10

    private static let http = HTTPClient.ofRelay(connectTimeout: .seconds(3))

    /// Has Core make a stream of a camera.
    /// - Returns: its first playlist; nil for a camera without a stream, or one that does not give it now.
    func playlist(of entity: String) async throws(SupervisorError) -> Path? {
        let command: [String: JSONValue] = [
            "type": "camera/stream", "entity_id": .string(entity), "format": "hls",
        ]
        guard let answer = try await CoreSocket(supervisor: supervisor).send([command]).first.flatMap(\.self) else {
            return nil
        }
        guard let url = answer["url"]?.stringValue, url.hasPrefix("/"), let path = Path(String(url.dropFirst())) else {
            throw SupervisorError(
                message: CodedMessage(
                    "home_assistant_names_stream",
                    "Home Assistant names a stream in a way that this version does not know."))
        }
        return path
    }

    func open(_ path: Path) async throws(SupervisorError) -> HTTPClientResponse { try await open(path.text) }

    /// Pictures one after the other (`multipart/x-mixed-replace`), of which Core leaves out those that are like the one before.
    func openPictures(of entity: String) async throws(SupervisorError) -> HTTPClientResponse {
        try await open("api/camera_proxy_stream/" + entity)
    }

    private func open(_ path: String) async throws(SupervisorError) -> HTTPClientResponse {
        do {
            return try await Self.http.execute(request(path), timeout: Self.answerTimeout)
        } catch {
            throw .noAnswer
        }
    }

    enum NewestSegment {
        case segment(Path)
        /// It is not where Core has its segments.
        case elsewhere
        /// There is none yet.
        case none
    }

    /// The last segment that the first rendition of a stream has.
    func newestSegment(of playlist: Path, within limit: Duration) async -> Result<NewestSegment, SupervisorError> {
        let deadline = ContinuousClock.now + limit
        var path = playlist
        // A master playlist names another one.
        for _ in 0..<2 {
            guard let lines = await lines(of: path, within: ContinuousClock.now.duration(to: deadline)) else {
                return .failure(.noAnswer)
            }
            let isMaster = lines.contains { $0.hasPrefix("#EXT-X-STREAM-INF") }
            let names = lines.filter { !$0.hasPrefix("#") }
            guard let name = isMaster ? names.first : names.last else { return .success(.none) }
            guard let named = path.resolving(name) else { return .success(.elsewhere) }
            guard isMaster else { return .success(.segment(named)) }
            path = named
        }
        return .failure(.noAnswer)
    }

    private func lines(of path: Path, within limit: Duration) async -> [Substring]? {
        let answer = try? await Self.http.answer(
            to: request(path.text), within: limit, bodyLimit: Self.playlistLimit)
        guard let answer, answer.status == .ok else { return nil }
        return String(buffer: answer.body).split(whereSeparator: \.isNewline)
    }

    /// Whether a file can be read, which is not done.
    func isThere(_ path: Path) async -> Bool { (try? await open(path))?.status == .ok }

    /// A JPEG; nil when there is none now.
    func still(of entity: String) async -> ByteBuffer? {
        let answer = try? await Self.http.answer(
            to: request("api/camera_proxy/" + entity), within: Self.stillTimeout, bodyLimit: Self.stillLimit)
        guard let answer, answer.status == .ok, answer.body.readableBytesView.starts(with: [0xFF, 0xD8]) else {
            return nil
        }
        return answer.body
    }

    private func request(_ path: String) -> HTTPClientRequest { supervisor.request("/core/" + path) }
}
