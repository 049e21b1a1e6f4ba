import Crypto
import Foundation
import NIOCore
import StreamModel

/// The files of the web pages, read once at the start: they are small, and what is in memory can't be climbed out of.
public struct WebUIFiles: Sendable {
    struct File: Sendable {
        let content: ByteBuffer
        let contentType: String
        /// A strong validator made of the content (RFC 9110, 8.8.3).
        let entityTag: String
    }

    /// Why the pages can't be served.
    public struct MissingError: Error, CustomStringConvertible {
        let directory: String
        public var description: String {
            "The web pages are missing in \(directory). Reinstall, or name their folder in TOPOSYNC_WEBUI_DIR."
        }
    }

    private let files: [String: File]

    /// - Throws: ``MissingError`` when the folder has no `index.html`.
    public init(directory: String) throws {
        let root = URL(filePath: directory, directoryHint: .isDirectory).resolvingSymlinksInPath()
        var files: [String: File] = [:]
        let enumerator = FileManager.default.enumerator(at: root, includingPropertiesForKeys: [.isRegularFileKey])
        for case let url as URL in enumerator ?? FileManager.DirectoryEnumerator() {
            guard let type = Self.contentTypes[url.pathExtension],
                let content = try? Data(contentsOf: url.resolvingSymlinksInPath())
            else { continue }
            let name = url.resolvingSymlinksInPath().path.dropFirst(root.path.count + 1)
            let hash = SHA256.hash(data: content).prefix(12).hexadecimal
            files[String(name)] = File(content: ByteBuffer(bytes: content), contentType: type, entityTag: "\"\(hash)\"")
        }
        guard files["index.html"] != nil else { throw MissingError(directory: directory) }
        self.files = files
    }

    /// What a browser needs; everything else in the folder (a script of the build, for example) is not served.
    private static let contentTypes = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
        "mjs": "text/javascript; charset=utf-8", "json": "application/json", "svg": "image/svg+xml", "png": "image/png",
        "ico": "image/x-icon", "webmanifest": "application/manifest+json", "woff2": "font/woff2",
    ]

    /// The pages that have an address without `.html`.
    private static let pages = ["": "index.html", "settings": "settings.html", "sign-in": "sign-in.html"]

    /// The file for a request's path, such as `/`, `/settings` or `/js/pages/streams.js`.
    func file(at path: String) -> File? {
        let name = String(path.drop { $0 == "/" })
        return files[Self.pages[name] ?? name]
    }
}
