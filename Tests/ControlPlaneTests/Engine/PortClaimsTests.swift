import StreamModel
import Testing

@testable import ControlPlane

@Suite struct PortClaimsTests {
    private let everything = PortAllocator(isFree: { _, _ in true }, systemAssigned: { nil })

    /// What a server asks for, at ports that are this test's own.
    private func assign(_ allocator: PortAllocator) throws -> PortAssignment {
        var preferred = PreferredPorts()
        (preferred.rtsp, preferred.hls, preferred.webrtc, preferred.api) = (60_554, 60_888, 60_889, 60_997)
        return try allocator.assign(preferred: preferred, choosesWebRTCMedia: true)
    }

    @Test func enginesThatStartAtOnceGetDifferentPorts() throws {
        let (one, other) = (everything.claiming(PortClaims()), everything.claiming(PortClaims()))
        let first = try assign(one)
        let second = try assign(other)
        #expect(second.rtp >= first.rtp + 2)
        #expect(second.webRTCMedia != first.webRTCMedia)
        #expect(second.ports.rtsp == first.ports.rtsp + 1 && second.ports.api == first.ports.api + 1)
        // Who asks again has its own.
        #expect(try assign(one) == first)
        // What is released can be had by others, when its engine has not taken it.
        one.release()
        #expect(try assign(everything.claiming(PortClaims())).ports == first.ports)
    }

    @Test func whatIsNotFreeIsNotKeptFromOthers() throws {
        let (one, other) = (PortClaims(), PortClaims())
        let busy = PortAllocator(isFree: { port, _ in port > 61_010 }, systemAssigned: { nil }).claiming(one)
        #expect(!busy.isFree(61_001, .udp) && busy.isFree(61_011, .udp))
        #expect(other.take(61_001, .udp) && !other.take(61_011, .udp))
        #expect(other.take(61_011, .tcp), "of another kind")
        one.releaseAll()
        #expect(other.take(61_011, .udp))
    }

    @Test func aClaimEndsWithWhoHasIt() {
        var claims: PortClaims? = PortClaims()
        #expect(claims?.take(61_020, .tcp) == true)
        #expect(!PortClaims().take(61_020, .tcp))
        claims = nil
        #expect(PortClaims().take(61_020, .tcp))
    }
}
