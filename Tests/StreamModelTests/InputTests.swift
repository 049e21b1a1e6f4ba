import StreamModel
import Testing

@Suite("Inputs")
struct InputTests {
    @Test("a name gives the path and the address that it is read by, and is found in them again")
    func addresses() throws {
        let camera = try Camera(json: ["name": "Phone", "url": "input:phone-2", "username": "nobody"])
        #expect(camera.inputName == "phone-2" && camera.username == nil)
        #expect(InputAddress.enginePath(of: "phone-2") == "input/phone-2")
        let read = InputAddress.readingURL(of: "phone-2", rtspPort: 8554)
        #expect(read == "rtsp://127.0.0.1:8554/input/phone-2" && InputAddress.name(readBy: read) == "phone-2")
        #expect(try Camera(json: ["name": "x", "url": .string(read)]).inputName == nil)
    }

    @Test(
        "what is no address that an input is read by",
        arguments: [
            "rtsp://127.0.0.1:8554/phone", "rtsp://10.0.0.1:8554/input/phone", "rtsp://127.0.0.1:8554/input/a/b",
            "rtsp://127.0.0.1:x/input/phone", "rtsp://127.0.0.1:8554/input/", "input:phone",
        ])
    func otherAddresses(address: String) {
        #expect(InputAddress.name(readBy: address) == nil)
    }

    @Test(
        "names that can't stand in an address are refused",
        arguments: ["input:", "input:Phone", "input:a/b", "input:a b", "input:-a", "input://a", "input:é"])
    func badNames(url: String) {
        let error = #expect(throws: ValidationError.self) { try Camera(json: ["name": "x", "url": .string(url)]) }
        #expect(error?.issues.first?.location == ["body", "url"])
    }

    @Test("a key has what an address needs not escape, and is not repeated where it is refused")
    func keys() throws {
        func camera(_ key: String) throws -> Camera {
            try Camera(json: ["name": "x", "url": "input:x", "password": .string(key)])
        }
        #expect(try camera("abcDEF-1._~").password?.exposed == "abcDEF-1._~")
        for wrong in ["short", "with space", "käse-und-brot", "a&b=c?d/e", String(repeating: "k", count: 129)] {
            let error = #expect(throws: ValidationError.self) { try camera(wrong) }
            #expect(
                error?.issues.first?.location == ["body", "password"] && error?.description.contains(wrong) == false)
        }
    }

    @Test("a key is that of one name: neither another camera's password nor another input's key becomes it")
    func keysOfOthers() throws {
        let stored = try Camera(json: ["id": "c", "name": "x", "url": "input:a", "password": "key-of-a-1"])
        let renamed = try Camera(json: ["id": "c", "name": "y", "url": "input:a"])
        #expect(try renamed.keepingSecrets(of: stored).password?.exposed == "key-of-a-1")
        let other = try Camera(json: ["id": "c", "name": "y", "url": "input:b"])
        #expect(try other.keepingSecrets(of: stored).password == nil)
        let file = try Camera(json: [
            "id": "c", "name": "x", "url": "file:///a.mp4", "username": "u", "password": "secret-1",
        ])
        #expect(try renamed.keepingSecrets(of: file).password == nil)
    }
}
