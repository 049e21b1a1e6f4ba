import Foundation

/// Where we ourselves are on disk.
enum OwnExecutable {
    /// The running program's file, whatever name it was called by.
    static var path: String {
        let link = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path
        return link == "/proc/self/exe" ? CommandLine.arguments[0] : link
    }

    /// The folder of the web pages: the one that `TOPOSYNC_WEBUI_DIR` names, the one of an installation
    /// (`../share/toposync-streaming/WebUI`), or that of the source tree that the program was built in.
    static var webUIDirectory: String {
        if let named = Environment["TOPOSYNC_WEBUI_DIR"] { return named }
        let program = URL(filePath: path)
        let installed = program.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "share/toposync-streaming/WebUI")
        var folder = program.deletingLastPathComponent()
        var candidates = [installed]
        while folder.pathComponents.count > 1 {
            candidates.append(folder.appending(path: "WebUI"))
            folder.deleteLastPathComponent()
        }
        let found = candidates.first { FileManager.default.fileExists(atPath: $0.appending(path: "index.html").path) }
        return (found ?? installed).path
    }
}
