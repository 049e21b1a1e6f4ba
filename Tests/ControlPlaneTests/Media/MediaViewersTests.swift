import StreamModel
import Testing

@testable import ControlPlane

@Suite struct MediaViewersTests {
    private let viewers = MediaViewers()
    private let start = Duration.seconds(1000)

    private func token(expiry: Duration) -> MediaToken {
        MediaToken(viewer: MediaToken.ViewerID(), expiry: expiry, transmissionID: "t", outputID: "o")
    }

    @Test func aTokenIsRefusedAfterItsTime() throws {
        let token = token(expiry: start + .seconds(180))
        _ = try viewers.enter(token, at: start)
        _ = try viewers.enter(token, at: start + .seconds(179))
        #expect(throws: ControlPlaneError.mediaTokenIsOver) { try viewers.enter(token, at: start + .seconds(180)) }
        // Also when nothing is remembered of it any more.
        #expect(throws: ControlPlaneError.mediaTokenIsOver) { try viewers.enter(token, at: start + .seconds(1000)) }
        #expect(throws: ControlPlaneError.mediaTokenIsOver) { try viewers.renew(token, at: start + .seconds(180)) }
    }

    @Test func aRenewedTokenGoesOn() throws {
        let token = token(expiry: start + MediaToken.lifetime)
        #expect(try viewers.renew(token, at: start + .seconds(100)) == start + .seconds(100) + MediaToken.lifetime)
        _ = try viewers.enter(token, at: start + .seconds(200))
        #expect(throws: ControlPlaneError.mediaTokenIsOver) {
            try viewers.enter(token, at: start + .seconds(100) + MediaToken.lifetime)
        }
    }

    @Test func noTokenLivesForever() throws {
        let token = token(expiry: start + MediaToken.lifetime)
        var now = start
        while (try? viewers.renew(token, at: now)) != nil { now += .seconds(60) }
        #expect(now - start == MediaViewers.longestLife)
    }

    @Test func aViewerThatLeftIsOver() throws {
        let token = token(expiry: start + .seconds(180))
        try viewers.check(token, at: start)
        #expect(viewers.end(token).isEmpty)
        #expect(throws: ControlPlaneError.mediaTokenIsOver) { try viewers.enter(token, at: start) }
        #expect(throws: ControlPlaneError.mediaTokenIsOver) { try viewers.renew(token, at: start) }
        #expect(throws: ControlPlaneError.mediaTokenIsOver) { try viewers.enter(token, at: start + .seconds(179)) }
    }

    @Test func requestsAtOnceAreBounded() throws {
        let token = token(expiry: start + .seconds(180))
        var held: [MediaTransfer] = []
        for _ in 0..<MediaViewers.transferLimitPerViewer { held.append(try viewers.enter(token, at: start)) }
        #expect(throws: ControlPlaneError.self) { try viewers.enter(token, at: start) }
        held.removeLast()
        held.append(try viewers.enter(token, at: start))
        held = []
        #expect(viewers.transferCount == 0)
        while viewers.transferCount < MediaViewers.transferLimit {
            held.append(try viewers.enter(self.token(expiry: start + .seconds(180)), at: start))
        }
        #expect(throws: ControlPlaneError.self) { try viewers.enter(token, at: start) }
    }

    @Test func whatIsRememberedIsBounded() throws {
        for _ in 0..<MediaViewers.viewerLimit { _ = try viewers.enter(token(expiry: start + .seconds(1)), at: start) }
        let next = token(expiry: start + .seconds(100))
        #expect(throws: ControlPlaneError.self) { try viewers.enter(next, at: start) }
        _ = try viewers.enter(next, at: start + .seconds(31))
    }
}
