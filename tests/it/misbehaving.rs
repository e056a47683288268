//! A server on this machine that does what real ones do on bad days.
//!
//! `Misbehaving::start(behaviour)` listens on a free port of 127.0.0.1 and does the same for every
//! request; `start_with` takes one behaviour for each request in turn, the last for all that follow.
//! What it was asked is kept in [`Misbehaving::requests`].
#![expect(clippy::disallowed_methods, reason = "a server that stalls waits")]
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// What a server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Behaviour {
    /// Answers.
    Answer { status: u16, content_type: &'static str, body: Vec<u8> },
    /// Answers with these headers besides its length.
    Headers { status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8> },
    /// Reads the request and says nothing.
    StallBeforeHeaders,
    /// Says half of what it promised, and then nothing.
    StallInBody,
    /// Says half of what it promised, and hangs up.
    CloseInBody,
    /// Hangs up at once.
    HangUp,
    /// A body in chunks, one of which has no length.
    BadChunk,
    /// Says that a body is compressed, which it is not.
    BrokenGzip,
    /// A compressed body.
    Gzip { body: Vec<u8> },
    /// A compressed body that breaks off, though its length is right.
    HalfGzip { body: Vec<u8> },
    /// A page for people, with status 200.
    LoginPage,
    /// Sends elsewhere.
    Redirect { status: u16, location: String },
    /// 429, or whatever the status, with `Retry-After`.
    RetryAfter { status: u16, value: String },
    /// That many bytes, whose number is not said before.
    Gigantic { bytes: u64 },
    /// One byte after the other, without haste and without end.
    Drip,
    /// These bytes, and then nothing.
    Raw { bytes: Vec<u8> },
    /// Something that is not HTTP, said before anything was asked.
    Garbage,
}

impl Behaviour {
    /// A JSON answer with status 200.
    pub(crate) fn json(body: &str) -> Self {
        Self::Answer { status: 200, content_type: "application/json", body: body.into() }
    }
}

/// One request as it arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Names in small letters.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// The server. It ends when dropped.
pub(crate) struct Misbehaving {
    address: SocketAddr,
    secure: bool,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    requests: Mutex<Vec<Recorded>>,
    connections: AtomicUsize,
    ends: AtomicBool,
}

impl Misbehaving {
    /// Does the same for every request.
    pub(crate) fn start(behaviour: Behaviour) -> Self {
        Self::start_with(vec![behaviour])
    }

    /// One behaviour for each request in turn, the last for all that follow.
    pub(crate) fn start_with(behaviours: Vec<Behaviour>) -> Self {
        Self::listen(behaviours, None)
    }

    /// As `start`, behind TLS.
    pub(crate) fn start_tls(behaviour: Behaviour, tls: ServerConfig) -> Self {
        Self::listen(vec![behaviour], Some(Arc::new(tls)))
    }

    fn listen(behaviours: Vec<Behaviour>, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let secure = tls.is_some();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            let behaviours = Arc::new(behaviours);
            for stream in listener.incoming().flatten() {
                if shared.ends.load(Ordering::SeqCst) {
                    return;
                }
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let (state, behaviours) = (Arc::clone(&shared), Arc::clone(&behaviours));
                let tls = tls.clone();
                thread::spawn(move || connection(stream, tls, &state, &behaviours));
            }
        });
        Self { address, secure, state }
    }

    /// Its address: `http://127.0.0.1:…`.
    pub(crate) fn url(&self) -> String {
        format!("{}://{}", if self.secure { "https" } else { "http" }, self.address)
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// What it was asked so far.
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.state.requests.lock().unwrap().clone()
    }

    /// How many connections were made to it so far.
    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Misbehaving {
    fn drop(&mut self) {
        self.state.ends.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for connections.
        drop(TcpStream::connect(self.address));
    }
}

trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

fn connection(
    stream: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    state: &State,
    behaviours: &[Behaviour],
) {
    let raw = stream.try_clone().unwrap();
    // No test waits this long; a thread whose client is gone ends.
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    match tls {
        None => serve(stream, state, behaviours),
        Some(config) => {
            let mut secured = ServerConnection::new(config).unwrap();
            let mut stream = stream;
            if secured.complete_io(&mut stream).is_ok() {
                serve(StreamOwned::new(secured, stream), state, behaviours);
            }
        }
    }
    // What the client still sends is read, so that the system does not throw away what it was told.
    let _ = raw.shutdown(std::net::Shutdown::Write);
    let _ = raw.set_read_timeout(Some(Duration::from_millis(200)));
    let _ = std::io::copy(&mut &raw, &mut std::io::sink());
}

fn serve(stream: impl Stream, state: &State, behaviours: &[Behaviour]) {
    let mut stream = BufReader::new(stream);
    if matches!(behaviours[0], Behaviour::Garbage) {
        let _ = stream.get_mut().write_all(b"SSH-2.0-OpenSSH_9.2\r\n");
        return;
    }
    while let Some(request) = read_request(&mut stream) {
        let is_tunnel = request.method == "CONNECT";
        let number = {
            let mut requests = state.requests.lock().unwrap();
            requests.push(request);
            requests.len() - 1
        };
        // A proxy that leads back to ourselves.
        let goes_on =
            if is_tunnel && !matches!(behaviours[0], Behaviour::Answer { status: 407, .. }) {
                stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\n\r\n").is_ok()
            } else {
                let behaviour = &behaviours[number.min(behaviours.len() - 1)];
                respond(stream.get_mut(), behaviour, state).unwrap_or(false)
            };
        if !goes_on || stream.get_mut().flush().is_err() {
            return;
        }
    }
}

fn read_request(stream: &mut BufReader<impl Read>) -> Option<Recorded> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|count| *count > 0)?;
    let mut words = line.split_whitespace();
    let mut request = Recorded {
        method: words.next()?.to_owned(),
        path: words.next()?.to_owned(),
        ..Recorded::default()
    };
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        request.headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = request.headers.get("content-length").and_then(|value| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    request.body = String::from_utf8(body).ok()?;
    Some(request)
}

/// Whether the connection goes on.
fn respond(
    stream: &mut impl Stream,
    behaviour: &Behaviour,
    state: &State,
) -> std::io::Result<bool> {
    let stall = || {
        while !state.ends.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(5));
        }
    };
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n0123456789";
    match behaviour {
        Behaviour::Answer { status, content_type, body } => {
            answer(stream, *status, &[("Content-Type", (*content_type).to_owned())], body)?;
        }
        Behaviour::Headers { status, headers, body } => answer(stream, *status, headers, body)?,
        Behaviour::StallBeforeHeaders => {
            stall();
            return Ok(false);
        }
        Behaviour::StallInBody => {
            stream.write_all(half)?;
            stream.flush()?;
            stall();
            return Ok(false);
        }
        Behaviour::CloseInBody => {
            stream.write_all(half)?;
            stream.flush()?;
            return Ok(false);
        }
        Behaviour::Drip => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")?;
            while !state.ends.load(Ordering::SeqCst) {
                stream.write_all(b" ")?;
                stream.flush()?;
                thread::sleep(Duration::from_millis(5));
            }
            return Ok(false);
        }
        Behaviour::Raw { bytes } => {
            stream.write_all(bytes)?;
            stream.flush()?;
            return Ok(false);
        }
        // Garbage was said already.
        Behaviour::HangUp | Behaviour::Garbage => return Ok(false),
        Behaviour::BadChunk => {
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            stream.write_all(head.as_bytes())?;
            stream.write_all(b"5\r\nhello\r\nnonsense\r\n")?;
            stream.flush()?;
            return Ok(false);
        }
        Behaviour::BrokenGzip => {
            answer(stream, 200, &[("Content-Encoding", "gzip".into())], b"this is not gzip")?;
        }
        Behaviour::Gzip { body } => {
            answer(stream, 200, &[("Content-Encoding", "gzip".into())], &gzip(body))?;
        }
        Behaviour::HalfGzip { body } => {
            let whole = gzip(body);
            let half = &whole[..whole.len() / 2];
            answer(stream, 200, &[("Content-Encoding", "gzip".into())], half)?;
        }
        Behaviour::LoginPage => {
            let page = b"<!DOCTYPE html><title>Sign in</title><form action=/login></form>";
            answer(stream, 200, &[("Content-Type", "text/html; charset=utf-8".into())], page)?;
        }
        Behaviour::Redirect { status, location } => {
            answer(stream, *status, &[("Location", location.clone())], b"moved")?;
        }
        Behaviour::RetryAfter { status, value } => {
            answer(stream, *status, &[("Retry-After", value.clone())], b"later")?;
        }
        Behaviour::Gigantic { bytes } => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            let piece = vec![b' '; 64 << 10];
            let mut left = *bytes;
            while left > 0 {
                let count = left.min(piece.len() as u64);
                stream.write_all(&piece[..usize::try_from(count).unwrap()])?;
                left -= count;
            }
            stream.flush()?;
            return Ok(false);
        }
    }
    Ok(true)
}

fn answer(
    stream: &mut impl Stream,
    status: u16,
    headers: &[(&'static str, String)],
    body: &[u8],
) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {status} Whatever\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += "\r\n";
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    stream.flush()
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}
