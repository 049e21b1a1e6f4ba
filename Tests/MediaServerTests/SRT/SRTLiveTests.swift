import CSRT
import ConnectionLimits
import EngineContract
import Foundation
import StreamModel
import StreamProtocols
import Testing

@testable import MediaServer

/// What a caller of libsrt is told, and what comes of what it sends.
@Suite("SRT", .serialized, .timeLimit(.minutes(2)))
struct SRTLiveTests {
    private static let passphrase = "ten-or-more"

    private static func configuration(
        overridePublisher: Bool = true, passphrase: String? = nil
    ) -> EngineConfiguration {
        var path = PathConfiguration()
        path.overridePublisher = overridePublisher
        path.srtPublishPassphrase = passphrase.map { Secret($0) }
        var configuration = EngineRig.configuration(["a": path, "b": path])
        configuration.srt = true
        configuration.authInternalUsers = [
            AuthInternalUser(user: AuthInternalUser.anyone, permissions: [AuthPermission(action: .api)]),
            AuthInternalUser(user: "writer", pass: "write-here", permissions: [AuthPermission(action: .publish)]),
            AuthInternalUser(user: "reader", pass: "read-here", permissions: [AuthPermission(action: .read)]),
        ]
        return configuration
    }

    /// Ten pictures and their sound, as MPEG-TS.
    private static func stream() throws -> [UInt8] {
        let sets = H264ParameterSets(
            sps: [0x67, 0x42, 0xC0, 0x1E, 0xD9, 0x00, 0xA0, 0x47, 0xFE, 0xC8], pps: [0x68, 0xCE, 0x3C, 0x80])
        let aac = try #require(AACConfiguration([0x11, 0x90]))
        var muxer = TSMuxer(streams: [
            try #require(TSElementaryStream(.h264(nil))), try #require(TSElementaryStream(.aac(aac), pid: 0x101)),
        ])
        var bytes: [UInt8] = []
        muxer.appendTables(to: &bytes)
        for index in 0..<10 {
            let time = Int64(index) * 3600
            muxer.appendVideo(
                nalUnits: sets.nalUnits.map { $0[...] } + [[0x65, 0x88, 0x80, 0x11]], presentationTime: time,
                decodeTime: time, isRandomAccess: true, to: &bytes)
            muxer.appendAudio(frame: [1, 2, 3], presentationTime: time, streamIndex: 1, to: &bytes)
        }
        return bytes
    }

    private static func refusal(_ port: Int, _ streamID: String, passphrase: String = "") async throws -> Int32? {
        do {
            _ = try await SRTTestCaller.connect(port: port, streamID: streamID, passphrase: passphrase)
            return nil
        } catch let error as SRTTestCaller.Refused {
            return error.reason
        }
    }

    @Test(
        "a program publishes, in either form of the stream identifier, and leaves",
        arguments: ["publish:a:writer:write-here", "#!::m=publish,r=a,u=writer,s=write-here"])
    func publishing(streamID: String) async throws {
        try await EngineRig.run(Self.configuration()) { rig in
            let port = try #require(rig.ports.srt)
            let caller = try await SRTTestCaller.connect(port: port, streamID: streamID)
            try await caller.send(try Self.stream())
            #expect(
                try await rig.waitForPath("a") {
                    $0.isAvailable && $0.source?.type == "srtConn" && $0.tracks == ["H264", "MPEG-4 Audio"]
                })
            #expect(try await rig.waitForPath("a") { ($0.bytesReceived ?? 0) > 100 })
            try await caller.close()
            #expect(try await rig.waitForPath("a") { !$0.isAvailable })
        }
    }

    @Test func whoIsRefusedIsToldWhy() async throws {
        try await EngineRig.run(Self.configuration()) { rig in
            let port = try #require(rig.ports.srt)
            let expected = [
                ("", SRT_REJX_BAD_REQUEST), ("phone", SRT_REJX_BAD_REQUEST),
                ("publish:a/../b:writer:write-here", SRT_REJX_BAD_REQUEST),
                ("read:a:writer:write-here", SRT_REJX_BAD_MODE), ("#!::r=a,u=writer,s=write-here", SRT_REJX_BAD_MODE),
                ("#!::t=file,m=publish,r=a,u=writer,s=write-here", SRT_REJX_NOTSUP_MEDIA),
                ("publish:nowhere:writer:write-here", SRT_REJX_NOTFOUND),
                ("publish:b:reader:read-here", SRT_REJX_FORBIDDEN),
                ("publish:a", SRT_REJX_UNAUTHORIZED),
            ]
            for (streamID, reason) in expected {
                #expect(try await Self.refusal(port, streamID) == reason, "\(streamID)")
            }
            // Too soon: each time the wait grows, up to four seconds.
            var reasons: [Int32?] = []
            while reasons.last != SRT_REJX_OVERLOAD, reasons.count < 8 {
                reasons.append(try await Self.refusal(port, "publish:a:writer:guess"))
            }
            #expect(reasons.last == SRT_REJX_OVERLOAD)
            // Nobody else has to wait for whom was refused.
            #expect(try await Self.refusal(port, "publish:nowhere:writer:write-here") == SRT_REJX_NOTFOUND)
        }
    }

    @Test func theSecondTakesOverOrIsRefused() async throws {
        let streamID = "publish:a:writer:write-here"
        for overridePublisher in [true, false] {
            try await EngineRig.run(Self.configuration(overridePublisher: overridePublisher)) { rig in
                let port = try #require(rig.ports.srt)
                let first = try await SRTTestCaller.connect(port: port, streamID: streamID)
                try await first.send(try Self.stream())
                #expect(try await rig.waitForPath("a") { $0.isAvailable })
                guard overridePublisher else {
                    #expect(try await Self.refusal(port, streamID) == SRT_REJX_CONFLICT)
                    #expect(!first.isOver)
                    return
                }
                let before = try await rig.paths().first { $0.name == "a" }?.source?.id
                let second = try await SRTTestCaller.connect(port: port, streamID: streamID)
                try await second.send(try Self.stream())
                #expect(try await rig.waitForPath("a") { $0.isAvailable && $0.source?.id != before })
                #expect(try await first.waitForEnd())
                #expect(!second.isOver)
            }
        }
    }

    @Test func aPassphraseHasToBeTheSame() async throws {
        let streamID = "publish:a:writer:write-here"
        try await EngineRig.run(Self.configuration(passphrase: Self.passphrase)) { rig in
            let port = try #require(rig.ports.srt)
            let wrong = try await Self.refusal(port, streamID, passphrase: "another-one")
            #expect(wrong == Int32(SRT_REJ_BADSECRET.rawValue))
            #expect(try await Self.refusal(port, streamID) == Int32(SRT_REJ_UNSECURE.rawValue))
            let caller = try await SRTTestCaller.connect(port: port, streamID: streamID, passphrase: Self.passphrase)
            try await caller.send(try Self.stream())
            #expect(try await rig.waitForPath("a") { $0.isAvailable })
            try await caller.close()
        }
    }

    @Test func whoCameBeforeThePassphraseDoesNotSendInTheClear() async throws {
        try await EngineRig.run(Self.configuration()) { rig in
            let port = try #require(rig.ports.srt)
            let caller = try await SRTTestCaller.connect(port: port, streamID: "publish:a:writer:write-here")
            let change = #"{"srtPublishPassphrase":"ten-or-more"}"#
            #expect(try await rig.api("POST", "/v3/config/paths/replace/a", body: change).status == 200)
            try? await caller.send(try Self.stream())
            #expect(try await caller.waitForEnd())
            #expect(try await rig.paths().contains { $0.name == "a" && $0.isAvailable } == false)
        }
    }

    @Test func whatIsNoTransportStreamEndsTheConnection() async throws {
        try await EngineRig.run(Self.configuration()) { rig in
            let port = try #require(rig.ports.srt)
            let caller = try await SRTTestCaller.connect(port: port, streamID: "publish:a:writer:write-here")
            // It may notice its end while it sends.
            try? await caller.send([UInt8](repeating: 0, count: 100_000))
            #expect(try await caller.waitForEnd())
        }
    }

    @Test func whoMayPublishNoMoreIsEnded() async throws {
        try await EngineRig.run(Self.configuration()) { rig in
            let port = try #require(rig.ports.srt)
            let caller = try await SRTTestCaller.connect(port: port, streamID: "publish:a:writer:write-here")
            try await caller.send(try Self.stream())
            #expect(try await rig.waitForPath("a") { $0.isAvailable })
            let users = #"{"authInternalUsers":[{"user":"any","permissions":[{"action":"api"}]}]}"#
            #expect(try await rig.api("PATCH", "/v3/config/global/patch", body: users).status == 200)
            #expect(try await rig.waitForPath("a") { !$0.isAvailable })
            #expect(try await caller.waitForEnd())
        }
    }
}

@Suite struct SRTHeldBackTests {
    private let phone = IPAddress(ipv4: 0xC000_0201)

    @Test func itHoldsForOneNetworkAndOnePath() throws {
        var heldBack = SRTHeldBack()
        heldBack.hold(phone, at: "a", until: .seconds(2), now: .seconds(1))
        #expect(heldBack.holds(phone, at: "a", now: .seconds(1)) && !heldBack.holds(phone, at: "a", now: .seconds(2)))
        #expect(!heldBack.holds(IPAddress(ipv4: 0xC000_0202), at: "a", now: .seconds(1)))
        #expect(!heldBack.holds(phone, at: "b", now: .seconds(1)))
        // Who has a network of IPv6 has all its addresses.
        heldBack.hold(try #require(IPAddress("2001:db8::1")), at: "a", until: .seconds(2), now: .seconds(1))
        #expect(heldBack.holds(try #require(IPAddress("2001:db8::2")), at: "a", now: .seconds(1)))
    }

    @Test func nobodyIsKeptFromWhereHeHasSentBefore() {
        var heldBack = SRTHeldBack()
        heldBack.know(phone, at: "a")
        for path in ["a", "b"] { heldBack.hold(phone, at: path, until: .seconds(2), now: .zero) }
        #expect(!heldBack.holds(phone, at: "a", now: .zero) && heldBack.holds(phone, at: "b", now: .zero))
    }

    @Test func whatItRemembersIsBoundedAndOpensNothing() {
        var heldBack = SRTHeldBack()
        for number in 0...SRTHeldBack.limit {
            heldBack.hold(IPAddress(ipv4: UInt32(number)), at: "a", until: .seconds(number + 1), now: .zero)
        }
        // The one that may try again first made room.
        #expect(!heldBack.holds(IPAddress(ipv4: 0), at: "a", now: .zero))
        #expect(heldBack.holds(IPAddress(ipv4: UInt32(SRTHeldBack.limit)), at: "a", now: .zero))
        for number in 0...SRTHeldBack.pathLimit {
            heldBack.hold(phone, at: "\(number)", until: .seconds(2), now: .zero)
        }
        #expect(heldBack.holds(phone, at: "another", now: .seconds(1)))
        #expect(!heldBack.holds(phone, at: "another", now: .seconds(2)))
    }

    /// libsrt, `access_control.h`.
    @Test func reasonsHaveTheNumbersOfLibsrt() {
        let numbers: [(SRTRefusal.Reason, Int32)] = [
            (.badRequest, SRT_REJX_BAD_REQUEST), (.unauthorized, SRT_REJX_UNAUTHORIZED),
            (.overload, SRT_REJX_OVERLOAD), (.forbidden, SRT_REJX_FORBIDDEN), (.notFound, SRT_REJX_NOTFOUND),
            (.badMode, SRT_REJX_BAD_MODE), (.conflict, SRT_REJX_CONFLICT),
            (.unsupportedMedia, SRT_REJX_NOTSUP_MEDIA), (.internalError, SRT_REJX_ISE), (.down, SRT_REJX_DOWN),
        ]
        for (reason, number) in numbers { #expect(reason.rawValue == number) }
    }
}
