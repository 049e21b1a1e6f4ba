import HTTPTypes
import HummingbirdTesting
import NIOPosix
import StreamModel
import Testing

@testable import WebServer

@Suite("Where requests are answered")
struct EventLoopTests {
    @Test("what is passed on stays on the connection's event loop, and everything else leaves it")
    func loops() async throws {
        func route(_ path: String, passesOn: Bool) -> APIRoute {
            APIRoute(
                .get, path, path, "", tag: "", access: .everyone, response: Schema.boolean, passesOn: passesOn
            ) { _ in
                APIResponse(["on_event_loop": .bool(MultiThreadedEventLoopGroup.currentEventLoop != nil)])
            }
        }
        let routes = [route("/passed", passesOn: true), route("/worked", passesOn: false)]
        try await WebServerFixture().test(routes) { client in
            let passed = try await client.send(.get, "/passed").json
            let worked = try await client.send(.get, "/worked").json
            #expect(passed == ["on_event_loop": true])
            #expect(worked == ["on_event_loop": false])
        }
    }
}
