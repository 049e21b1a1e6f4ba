import ControlPlane
import Hummingbird
import NIOCore

/// What accompanies a request through middleware and routes.
struct WebRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Who sends it; nil when nobody has signed in.
    var identity: Identity?
    /// The address that it comes from, without port; empty when there is none.
    let remoteAddress: String

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        remoteAddress = source.channel.remoteAddress?.ipAddress ?? ""
    }
}
