import StreamProtocols
import Testing

@testable import MediaServer

extension RTSPServerStateTests {
    /// Where the stream goes is the server's choice, whatever the client wishes: it would choose for everybody.
    @Test(arguments: [
        // ffmpeg, and live555 with what a description named.
        "RTP/AVP/UDP;multicast", "RTP/AVP;multicast;port=9000-9001", "RTP/AVP;multicast;destination=224.9.9.9;ttl=255",
        "RTP/AVP/TCP;multicast,RTP/SAVP;multicast,RTP/AVP;multicast;mode=\"PLAY\",RTP/AVP/TCP;unicast",
    ])
    func playByMulticast(offer: String) throws {
        var state = makeState(multicastRefusal: nil)
        let place = try MulticastPlaceTests.place()
        let target = try #require(RTSPTarget(uri: base + "/trackID=1"))
        let action = state.receive(request(.setup, base + "/trackID=1", ["Transport": offer]))
        let otherwise = offer.contains("unicast") ? RTSPBinding.interleaved(.init(rtp: 2, rtcp: 3)) : nil
        #expect(action == .perform(.setUpPlay(target, track: 1, .multicast, otherwise: otherwise, isFirst: true)))
        let answer = try complete(&state, .setUpMulticast(place))
        #expect(
            answer.headers["Transport"]
                == "RTP/AVP;multicast;destination=239.1.2.3;source=192.0.2.7;port=5006-5007;ttl=2")
        #expect(answer.headers["Session"] == "0123456789abcdef;timeout=60")
        // All tracks of a session travel alike.
        for other in ["RTP/AVP;unicast;client_port=5000-5001", "RTP/AVP/TCP;unicast;interleaved=0-1"] {
            #expect(status(state.receive(request(.setup, base + "/trackID=0", ["Transport": other]))) == 461)
        }
        #expect(status(state.receive(request(.setup, base + "/trackID=0", ["Transport": offer]))) == nil)
        let first = try transport(complete(&state, .setUpMulticast(place)))
        #expect(first.port == .init(rtp: 5004, rtcp: 5005))
        #expect(state.receive(request(.play)) == .perform(.play))
        // Nobody knows which packet is the first that this viewer gets.
        let started = try complete(&state, .playing([:]))
        #expect(started.status == .ok && started.headers["RTP-Info"] == nil)
    }

    /// RFC 2326 §12.39: transports are in the order of preference.
    @Test func whatHasNoGroupTravelsByTheNextTransport() throws {
        var state = makeState(multicastRefusal: nil)
        let offer = "RTP/AVP;multicast,RTP/AVP;unicast;client_port=5000-5001"
        let action = state.receive(request(.setup, base + "/trackID=0", ["Transport": offer]))
        let target = try #require(RTSPTarget(uri: base + "/trackID=0"))
        let datagrams = RTSPBinding.datagrams(clientPort: .init(rtp: 5000, rtcp: 5001))
        #expect(action == .perform(.setUpPlay(target, track: 0, .multicast, otherwise: datagrams, isFirst: true)))
        let first = try transport(complete(&state, .setUp(ssrc: 7)))
        #expect(first.delivery == .unicast && first.clientPort == .init(rtp: 5000, rtcp: 5001) && first.ssrc == 7)
        // The other track travels alike, and needs no second try.
        let second = state.receive(request(.setup, base + "/trackID=1", ["Transport": offer]))
        let other = try #require(RTSPTarget(uri: base + "/trackID=1"))
        #expect(second == .perform(.setUpPlay(other, track: 1, datagrams, isFirst: false)))
    }

    @Test(arguments: [MulticastError.notOffered, .secure])
    func multicastIsRefusedWithItsReason(_ refusal: MulticastError) {
        var state = makeState(multicastRefusal: refusal)
        let refused = answer(state.receive(request(.setup, base + "/trackID=0", ["Transport": "RTP/AVP;multicast"])))
        #expect(refused?.status == .unsupportedTransport && refused?.body == Array("\(refusal)\n".utf8))
        // A refusal of something else says nothing of it.
        let other = answer(state.receive(request(.setup, base + "/trackID=0", ["Transport": "RTP/AVP;unicast"])))
        #expect(other?.status == .unsupportedTransport && other?.body.isEmpty == true)
    }
}
