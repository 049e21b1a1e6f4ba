import ConnectionLimits
import ControlPlane
import Hummingbird
import NIOCore
import StreamModel

/// What accompanies a request through middleware and routes.
struct WebRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Who has the connection to us; nil when that can't be known.
    let peer: IPAddress?
    let client: RequestClient
    /// Where the request comes from.
    var origin = RequestOrigin()
    /// Who sends it; nil when nobody has signed in.
    var identity: Identity?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        peer = IPAddress(source.channel.remoteAddress)
        client = RequestClient(on: source.channel)
    }
}
