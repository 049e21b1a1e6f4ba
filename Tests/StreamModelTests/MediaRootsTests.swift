import Foundation
import StreamModel
import Testing

@Suite struct MediaRootsTests {
    private let folder = "/tmp/media-roots-\(UUID().uuidString)"
    private var roots: MediaRoots { MediaRoots([folder + "/media", folder + "/not-there"]) }

    private func withFiles(_ body: () throws -> Void) throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: folder + "/media/deep", withIntermediateDirectories: true)
        try manager.createDirectory(atPath: folder + "/media-of-others", withIntermediateDirectories: true)
        defer { try? manager.removeItem(atPath: folder) }
        for name in ["media/a.mp4", "media/deep/b.mp4", "media-of-others/c.mp4", "secret"] {
            #expect(manager.createFile(atPath: "\(folder)/\(name)", contents: nil))
        }
        try manager.createSymbolicLink(atPath: folder + "/media/link", withDestinationPath: folder + "/secret")
        try manager.createSymbolicLink(atPath: folder + "/media/up", withDestinationPath: folder)
        try manager.createSymbolicLink(atPath: folder + "/way-in", withDestinationPath: folder + "/media/a.mp4")
        try body()
    }

    @Test func onlyWhatIsReallyInsideIsRead() throws {
        try withFiles {
            for name in ["media/a.mp4", "media/deep/b.mp4", "media/deep/../a.mp4", "way-in", "media/later.mp4"] {
                #expect(roots.problem(withFile: "\(folder)/\(name)") == nil, "\(name)")
            }
            for name in [
                "secret", "media/link", "media/up/secret", "media/../secret", "media-of-others/c.mp4", "media",
                "media/none/../../secret", "media/none/..", "media/a.mp4\0",
            ] {
                #expect(roots.problem(withFile: "\(folder)/\(name)") != nil, "\(name)")
            }
            #expect(roots.problem(withFile: "media/a.mp4") != nil)
        }
    }

    @Test func aSentenceSaysWhatToDo() {
        #expect(
            MediaRoots(["/a", "/b"]).problem(withFile: "/etc/passwd")?.text
                == "Files are read only from /a and /b. Move the file there, or name its folder in "
                + "TOPOSYNC_STREAMING_MEDIA_ROOTS when the server is started.")
        #expect(
            MediaRoots([]).problem(withFile: "/a")?.text == "Files are not read here. Choose the address of a camera.")
    }

    @Test(arguments: [
        ("file:///media/a.mp4", "/media/a.mp4"), ("FILE:///media/a%20b.mp4", "/media/a b.mp4"),
        ("file:///media/%2e%2e/etc/passwd", "/media/../etc/passwd"),
        ("file:///100%.mp4", "/100%.mp4"), ("rtsp://camera/file:///a", nil), ("demo:", nil), ("/dev/video0", nil),
    ])
    func theFileOfACameraIsKnown(url: String, path: String?) throws {
        #expect(try Camera(json: ["name": "c", "url": .string(url)]).filePath == path)
    }
}
