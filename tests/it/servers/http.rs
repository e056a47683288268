//! A small HTTP/1.1 client, so that the tests of servers need no transport of the program's.
use sre::kernel::{
    measure::server::{Fetch, FetchError, Method, Reply, Request},
    units::Duration,
};
use std::{
    io::{Read, Write},
    net::TcpStream,
    time,
};

/// A server on this machine.
pub(crate) struct Http {
    pub(crate) port: u16,
}

impl Http {
    /// Sends one request, and reads until the server closes the connection.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        body: &str,
    ) -> std::io::Result<(u16, String, Vec<u8>)> {
        let form = "Content-Type: application/x-www-form-urlencoded\r\n";
        self.send_bytes(method, path, form, body.as_bytes())
    }

    /// The same with a body of any kind, which `headers`, each ended by a line break, tell of.
    pub(crate) fn send_bytes(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> std::io::Result<(u16, String, Vec<u8>)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(time::Duration::from_secs(60)))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
             {headers}Content-Length: {}\r\n\r\n",
            body.len()
        )?;
        stream.write_all(body)?;
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply)?;
        let broken = || std::io::Error::other("no head");
        let end = reply.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(broken)?;
        let head = String::from_utf8_lossy(&reply[..end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let body = reply.split_off(end + 4);
        let chunked = head.contains("transfer-encoding: chunked");
        let body = if chunked { joined(&body).ok_or_else(broken)? } else { body };
        Ok((status.ok_or_else(broken)?, head, body))
    }
}

/// The content of a body in chunks.
fn joined(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    loop {
        let line = body.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&body[..line]).ok()?, 16).ok()?;
        if size == 0 {
            return Some(content);
        }
        let start = line + 2;
        content.extend_from_slice(body.get(start..start + size)?);
        body = body.get(start + size + 2..)?;
    }
}

/// A form as it is sent: every byte that is no letter or digit as `%XX`.
pub(crate) fn form(pairs: &[(&'static str, String)]) -> String {
    let encoded = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs: Vec<_> =
        pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    pairs.join("&")
}

impl Fetch for Http {
    fn fetch(&self, request: &Request) -> Result<Reply, FetchError> {
        let form = form(&request.form);
        let sent = match request.method {
            Method::Get => self.send("GET", &format!("{}?{form}", request.path), ""),
            Method::Post => self.send("POST", request.path, &form),
        };
        let (status, head, body) =
            sent.map_err(|error| FetchError::Connect { reason: error.to_string() })?;
        let content_type = head
            .lines()
            .find_map(|line| line.strip_prefix("content-type: "))
            .map(|value| value.split(';').next().unwrap_or(value).to_owned());
        Ok(Reply { status, content_type, retry_after: None, body })
    }

    fn pause(&self, duration: Duration) {
        std::thread::sleep(time::Duration::from_millis(duration.milliseconds()));
    }
}
