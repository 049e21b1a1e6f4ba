import StreamModel
import Testing

@testable import ControlPlane

@Suite struct DestinationPlanTests {
    private static func renditions(
        _ outputs: [JSONValue], _ destinations: [JSONValue], isCopyForced: Bool = false
    ) throws -> [RenditionSpec] {
        let transmission = try Transmission(
            json: ["id": "t", "path": "door", "outputs": .array(outputs), "destinations": .array(destinations)])
        return WorkerPlan.renditions(
            of: transmission, rtspPort: 8554, publishSecret: [1], isCopyForced: isCopyForced)
    }

    private static func destination(_ settings: JSONValue = [:], active: Bool = true) -> JSONValue {
        .object(
            (settings.objectValue ?? [:]).merging([
                "id": "a", "kind": "rtmp", "address": "rtmp://host/app", "active": .bool(active),
            ]) { $1 })
    }

    @Test func oneThatAgreesIsSentWhatViewersGet() throws {
        let specs = try Self.renditions([["protocol": "hls"], ["protocol": "rtsp"]], [Self.destination()])
        #expect(specs.map(\.id) == ["t:door"])
        #expect(specs[0].destinations.map(\.id) == ["a"])
        #expect(specs[0].encoding.video.codec == nil, "viewers notice nothing of it")
    }

    @Test func oneThatIsSwitchedOffIsNotThere() throws {
        let specs = try Self.renditions([["protocol": "hls"]], [Self.destination(active: false)])
        #expect(specs.map(\.destinations) == [[]])
    }

    /// What a camera is asked for may not change for viewers when a destination is switched on.
    @Test(
        arguments: [
            (["protocol": "hls"], ["bitrate_kbps": 2000], false),
            (["protocol": "hls"], ["resolution": ["width": 1280, "height": 720]], false),
            (["protocol": "hls"], ["fps_limit": 12], false),
            // Where H.265 may be passed on to them, they keep it.
            (["protocol": "rtsp"], [:], false),
            (["protocol": "hls"], [:], true),
            (["protocol": "hls"], ["codec": "h264"], false),
            (["protocol": "hls", "codec": "h264"], ["resolution": ["width": 1280, "height": 720]], false),
            (["protocol": "hls", "codec": "h264"], ["codec": "h264", "fps_limit": 12], false),
            (["protocol": "hls", "codec": "h265"], [:], false),
        ] as [(JSONValue, JSONValue, Bool)])
    func oneThatDoesNotAgreeHasAnEncodingOfItsOwn(output: JSONValue, wish: JSONValue, isCopyForced: Bool) throws {
        let specs = try Self.renditions([output], [Self.destination(wish)], isCopyForced: isCopyForced)
        #expect(specs.map(\.id) == ["t:door", "t:push:a"])
        #expect(specs[0].destinations.isEmpty && specs[1].targets.isEmpty)
        #expect(specs[1].encoding.video.codec == .h264 && specs[1].encoding == Encoding(of: specs[1].destinations[0]))
    }

    @Test(arguments: ["h264", "h265"])
    func oneThatAsksForTheSameCodecIsSentWhatViewersGet(codec: String) throws {
        let wish: JSONValue = ["kind": "srt", "address": "srt://host:9000", "codec": .string(codec)]
        let destination = Self.destination().objectValue!.merging(wish.objectValue!) { $1 }
        let specs = try Self.renditions([["protocol": "rtsp", "codec": .string(codec)]], [.object(destination)])
        #expect(specs.map { $0.destinations.map(\.id) } == [["a"]])
    }

    @Test func destinationsShareAnEncodingToo() throws {
        let other = Self.destination(["bitrate_kbps": 2000]).objectValue!.merging(["id": "b"]) { $1 }
        let specs = try Self.renditions(
            [["protocol": "hls"]], [Self.destination(["bitrate_kbps": 2000]), .object(other)])
        #expect(specs.map { $0.destinations.map(\.id) } == [[], ["a", "b"]])
    }

    @Test func anActiveOneIsReasonEnoughToRun() throws {
        var plan = IslandPlan(
            island: Island(),
            configuration: WorkerConfiguration(
                cameras: [], pipelines: [], transmissions: [],
                renditions: try Self.renditions([["protocol": "hls"]], [Self.destination()])), runsAlways: false)
        #expect(plan.pushedRenditions == ["t:door"] && plan.renditions(feeding: []).isEmpty)
        plan.configuration.renditions = try Self.renditions([["protocol": "hls"]], [])
        #expect(plan.pushedRenditions.isEmpty)
    }

    @Test func itIsToldHowItGoes() throws {
        let transmission = try Transmission(json: [
            "id": "t",
            "destinations": [
                Self.destination(),
                [
                    "id": "b", "kind": "srt", "address": "srt://host:9000",
                ],
            ],
        ])
        let configuration = WorkerConfiguration(
            cameras: [], pipelines: [], transmissions: [transmission], renditions: [])
        var state = WorkerState(of: configuration)
        var status = DestinationStatus(transmissionID: "t", destinationID: "a", state: .sending)
        status.bytesSent = -5
        state.take(.destination(status))
        // It was never asked for.
        state.take(.destination(DestinationStatus(transmissionID: "t", destinationID: "b", state: .sending)))
        let plan = IslandPlan(island: Island(), configuration: configuration, runsAlways: false)
        let told = transmission.destinations.map { RuntimeDestination($0, of: transmission, (plan, state)) }
        #expect(told.map(\.status.state) == [.sending, .off])
        #expect(told.map(\.message.code) == ["destination_sending", "destination_off"])
        #expect(told[0].status.bytesSent == 0)
        var off = transmission
        off.enabled = false
        #expect(RuntimeDestination(off.destinations[0], of: off, (plan, state)).message.code == "transmission_off")
        state.processEnded()
        #expect(
            RuntimeDestination(transmission.destinations[0], of: transmission, (plan, state)).status.state
                == .connecting)
    }
}
