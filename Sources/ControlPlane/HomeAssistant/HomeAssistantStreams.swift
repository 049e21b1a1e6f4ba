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

    /// A body that pauses for longer than this has ended.
    private static let http = HTTPClient.ofPeer { $0.timeout = .init(connect: .seconds(3), read: .seconds(40)) }

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
                description: "Home Assistant names a stream in a way that this version does not know.")
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

    /// Waits until a stream has begun.
    func wait(for path: Path, within limit: Duration) async throws(SupervisorError) {
        do {
            _ = try await Self.http.answer(to: request(path.text), within: limit, bodyLimit: Self.playlistLimit)
        } catch {
            throw .noAnswer
        }
    }

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

extension SupervisorError {
    fileprivate static let noAnswer = SupervisorError(
        description: "Home Assistant does not answer in time. Try again in a minute.")
}
