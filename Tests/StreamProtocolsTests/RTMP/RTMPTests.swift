import Testing

@testable import StreamProtocols

@Suite("RTMP")
struct RTMPTests {
    /// What a client sends up to its request to publish, as librtmp does it: one message a chunk.
    private static func opening(application: String, stream: String) -> [UInt8] {
        func command(_ values: [AMF0Value], streamID: UInt32 = 0) -> [UInt8] {
            RTMPMessage(command: values, streamID: streamID).serialized(chunkStreamID: 3, chunkSize: 128)
        }
        return [3] + [UInt8](repeating: 7, count: 1536) + [UInt8](repeating: 8, count: 1536)
            + command([.string("connect"), .number(1), .object(["app": .string(application), "tcUrl": .string("x")])])
            + command([.string("releaseStream"), .number(2), .null, .string(stream)])
            + command([.string("createStream"), .number(4), .null])
            + command([.string("publish"), .number(5), .null, .string(stream), .string("live")], streamID: 1)
    }

    private static func messages(_ bytes: [UInt8]) throws -> [RTMPMessage] {
        var reader = RTMPChunkReader(messageLimit: 1 << 20)
        reader.append(bytes)
        var messages: [RTMPMessage] = []
        while let message = try reader.next() { messages.append(message) }
        return messages
    }

    @Test("a program is let in after it was decided, however its bytes are cut", arguments: [1, 100, 1536, 100_000])
    func publishing(pieceSize: Int) throws {
        var state = RTMPServerState()
        var rest = Self.opening(application: "input", stream: "phone?user=phone&pass=k%2Dey")[...]
        var events: [RTMPServerState.Event] = []
        while !rest.isEmpty {
            events += try state.receive(rest.prefix(pieceSize))
            rest = rest.dropFirst(pieceSize)
        }
        let target = RTMPTarget(application: "input", stream: "phone?user=phone&pass=k-ey")
        #expect(events == [.publish(target)] && state.isDeciding)
        #expect(target.path == "input/phone" && target.credentials == BasicCredentials(user: "phone", password: "k-ey"))
        let answer = state.takeOutput()
        // S0, S1 and S2, which is C1 again.
        #expect(answer.prefix(1) == [3] && answer[1537..<3073].allSatisfy { $0 == 7 })
        let results = try Self.messages([UInt8](answer.dropFirst(3073))).compactMap { $0.values?.first?.text }
        #expect(results == ["_result", "_result"])
        // What is sent before the decision waits for it.
        let picture = RTMPMessage(.video, streamID: 1, payload: [0x17, 2, 0, 0, 0])
        #expect(try state.receive(picture.serialized(chunkStreamID: 4, chunkSize: 128)) == [])
        #expect(try state.accept() == [.media(picture)])
        let status = try Self.messages(state.takeOutput()).last?.values
        #expect(status?.last?["code"] == .string("NetStream.Publish.Start"))
    }

    @Test func whoIsRefusedIsToldWhy() throws {
        var state = RTMPServerState()
        _ = try state.receive(Self.opening(application: "input", stream: "phone"))
        _ = state.takeOutput()
        state.refuse("The key is wrong.")
        let status = try #require(try Self.messages(state.takeOutput()).last?.values?.last)
        #expect(status["level"] == .string("error") && status["description"] == .string("The key is wrong."))
    }

    @Test func whoHasNotAskedToPublishFillsNothing() throws {
        var state = RTMPServerState()
        #expect(throws: RTMPError.wrongVersion(6)) { _ = try state.receive([6]) }
        state = RTMPServerState()
        _ = try state.receive([3] + [UInt8](repeating: 0, count: 3072))
        let idle = RTMPMessage(.acknowledgement, payload: [0, 0, 0, 1]).serialized(chunkStreamID: 2, chunkSize: 128)
        #expect(throws: RTMPError.tooMuchBeforePublishing) { for _ in 0..<10_000 { _ = try state.receive(idle) } }
        state = RTMPServerState()
        let play = RTMPMessage(command: [.string("play"), .number(1)])
        #expect(throws: RTMPError.notPublishing("play")) {
            _ = try state.receive(
                [3] + [UInt8](repeating: 0, count: 3072) + play.serialized(chunkStreamID: 3, chunkSize: 128))
        }
    }

    @Test("what stands behind the application and behind the name is one account, and slashes are no parts of a path")
    func targets() {
        let target = RTMPTarget(application: "input/phone?user=a&pass=b", stream: "")
        #expect(target.path == "input/phone" && target.credentials == BasicCredentials(user: "a", password: "b"))
        #expect(RTMPTarget(application: "/input/", stream: "/x/").path == "input/x")
        #expect(RTMPTarget(application: "input", stream: "x").credentials == nil)
        #expect(!"\(target)".contains("password: b"))
    }

    @Test("messages of two streams whose chunks take turns, with times beyond 24 bits")
    func chunks() throws {
        var reader = RTMPChunkReader(messageLimit: 1000)
        let long = [UInt8](0..<200)
        var bytes: [UInt8] = [4, 0xFF, 0xFF, 0xFF, 0, 0, 200, 9, 1, 0, 0, 0, 0x01, 0, 0, 0] + long.prefix(128)
        bytes += [5, 0, 0, 9, 0, 0, 2, 8, 1, 0, 0, 0, 0xAF, 1]
        // Goes on with the extended time, as the first chunk had one.
        bytes += [0xC4, 0x01, 0, 0, 0] + long.dropFirst(128)
        // The same length and kind, 20 ms later, and once more.
        bytes += [0x85, 0, 0, 20, 0xAF, 2, 0xC5, 0xAF, 3]
        reader.append(bytes)
        var messages: [RTMPMessage] = []
        while let message = try reader.next() { messages.append(message) }
        #expect(messages.map(\.timestamp) == [9, 0x0100_0000, 29, 49])
        #expect(messages.map(\.payload) == [[0xAF, 1], long, [0xAF, 2], [0xAF, 3]])
        #expect(throws: RTMPError.messageTooLong(70_000)) {
            var reader = RTMPChunkReader(messageLimit: 1000)
            reader.append([4, 0, 0, 0, 0x01, 0x11, 0x70, 9, 1, 0, 0, 0])
            _ = try reader.next()
        }
    }

    @Test func valuesAreBounded() {
        let value = AMF0Value.object(["a": .array([.number(1), .null]), "b": .string("x"), "c": .boolean(true)])
        var bytes: [UInt8] = []
        value.append(to: &bytes)
        #expect(AMF0Value.parse(bytes[...]) == [value])
        for count in bytes.indices { #expect(AMF0Value.parse(bytes.prefix(count)) == nil || count == 0) }
        let deep = [UInt8](repeating: 0, count: 0) + (0..<100).flatMap { _ in [3, 0, 1, 0x61] as [UInt8] }
        #expect(AMF0Value.parse(deep[...]) == nil)
        #expect(AMF0Value.parse([10, 0xFF, 0xFF, 0xFF, 0xFF]) == nil)
    }
}

@Suite("FLV streams")
struct FLVStreamTests {
    private static let sets = H264ParameterSets(
        sps: [0x67, 0x42, 0xC0, 0x1E, 0xD9, 0x00, 0xA0, 0x47, 0xFE, 0xC8], pps: [0x68, 0xCE, 0x3C, 0x80])
    private static let aac: [UInt8] = [0x11, 0x90]

    private func message(_ kind: RTMPMessage.Kind, _ payload: [UInt8], at time: UInt32 = 0) -> RTMPMessage {
        RTMPMessage(typeID: kind.rawValue, streamID: 1, timestamp: time, payload: payload)
    }

    private func configuration() throws -> RTMPMessage {
        message(.video, [0x17, 0, 0, 0, 0] + (try #require(Self.sets.avcDecoderConfigurationRecord)))
    }

    private func picture(at time: UInt32, offset: UInt8 = 0) -> RTMPMessage {
        message(.video, [0x17, 1, 0, 0, offset, 0, 0, 0, 2, 0x65, 0x88], at: time)
    }

    private func metadata(_ members: [String: AMF0Value]) -> RTMPMessage {
        var payload: [UInt8] = []
        for value in [.string("@setDataFrame"), .string("onMetaData"), .object(members)] as [AMF0Value] {
            value.append(to: &payload)
        }
        return message(.dataAMF0, payload)
    }

    @Test func picturesAndSoundAreToldOfBeforeTheFirstSample() throws {
        var stream = FLVStream()
        #expect(try stream.receive(metadata(["videocodecid": .number(7), "audiocodecid": .number(10)])) == [])
        #expect(try stream.receive(configuration()) == [])
        #expect(try stream.receive(picture(at: 0, offset: 80)) == [], "the sound is not known yet")
        let outputs = try stream.receive(message(.audio, [0xAF, 0] + Self.aac))
        guard case .tracks(let tracks) = outputs.first, case .sample(let sample, track: 0) = outputs.last else {
            Issue.record("\(outputs)")
            return
        }
        #expect(tracks.map(\.name) == ["H264", "MPEG-4 Audio"] && outputs.count == 2)
        #expect(sample.presentationTime == 80 * 90 && sample.isRandomAccess && sample.nalUnits == [[0x65, 0x88]])
        // Times of sound are whole milliseconds, and frames of 1024 samples follow each other without gaps.
        let times = try [21, 43, 64, 85, 500].flatMap { try stream.receive(message(.audio, [0xAF, 1, 9], at: $0)) }
        let sounds = times.compactMap {
            if case .sample(let sample, track: 1) = $0 { sample.presentationTime } else { nil }
        }
        #expect(sounds == [1008, 2032, 3056, 4080, 24000])
    }

    @Test func picturesAloneWaitForNothingLongerThanASecond() throws {
        var told = FLVStream()
        _ = try told.receive(metadata(["videocodecid": .string("avc1")]))
        #expect(try told.receive(configuration()).count == 1)
        var silent = FLVStream()
        _ = try silent.receive(configuration())
        #expect(try silent.receive(picture(at: 0)) == [] && silent.receive(picture(at: 990)) == [])
        #expect(try silent.receive(picture(at: 1000)).count == 4)
    }

    @Test func otherParameterSetsComeWithTheNextKeyframeAndOtherTracksEndIt() throws {
        var stream = FLVStream()
        _ = try stream.receive(metadata(["videocodecid": .number(7)]))
        _ = try stream.receive(configuration())
        var changed = Self.sets
        changed.pps = [0x68, 0xCE, 0x38, 0x80]
        let record = try #require(changed.avcDecoderConfigurationRecord)
        #expect(try stream.receive(message(.video, [0x17, 0, 0, 0, 0] + record)) == [])
        guard case .sample(let sample, _) = try stream.receive(picture(at: 40)).first else {
            throw FLVError.otherTracks
        }
        #expect(sample.nalUnits == changed.nalUnits.map { $0[...] } + [[0x65, 0x88]])
        #expect(throws: FLVError.otherTracks) { try stream.receive(message(.audio, [0xAF, 0] + Self.aac)) }
    }

    @Test func enhancedRTMPCarriesH265() throws {
        let bytes: [UInt8] = [0x93] + Array("hvc1".utf8) + [0, 0, 0, 2, 0x26, 0x01]
        #expect(FLVVideo(bytes[...]) == .picture(.h265, bytes.suffix(6), compositionOffset: 0))
        #expect(FLVVideo(([0x91] + Array("av01".utf8))[...]) == .unsupported("AV1"))
        #expect(FLVVideo(([0x91] + Array("hv".utf8))[...]) == nil)
    }

    @Test func whatCantBePassedOnIsNamed() throws {
        var stream = FLVStream()
        for time in [0, 500] as [UInt32] { _ = try stream.receive(message(.video, [0x12, 0], at: time)) }
        #expect(stream.unsupported == ["codec 2 of FLV"])
    }
}
