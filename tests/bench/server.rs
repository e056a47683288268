//! Asks a server 500 questions, for benchmarks: 8 windows each, and 30 days in steps of an hour.
//! Prints requests, bytes, samples and seconds for a first run and for one with what the first has kept.
//!
//! `server [--questions N] [--concurrency N] [--prometheus http://HOST:PORT --metric NAME]`
//!
//! Without an address the server is a thread of this program that answers from memory, so that what is
//! measured is the asking.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a program for benchmarks, outside the library"
)]
use sre::kernel::{
    measure::server::{
        Cache, Fetch, FetchError, Options, Part, PrometheusSource, Question, Reply, Request,
        SampleSource, Steps,
    },
    units::{Duration, Instant},
};
use std::{
    collections::HashMap,
    error::Error,
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::Mutex,
    thread,
};

/// A cache in memory.
#[derive(Default)]
struct Memory(Mutex<HashMap<String, Vec<u8>>>);

impl Cache for Memory {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.0.lock().ok()?.get(key).cloned()
    }

    fn put(&self, key: &str, bytes: &[u8]) {
        if let Ok(mut kept) = self.0.lock() {
            kept.insert(key.to_owned(), bytes.to_vec());
        }
    }
}

/// Plain HTTP/1.1 over connections that are kept.
struct Http {
    address: String,
    idle: Mutex<Vec<BufReader<TcpStream>>>,
}

impl Http {
    fn post(&self, path: &str, body: &str) -> std::io::Result<(u16, Vec<u8>)> {
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        let mut stream = match idle {
            Some(stream) => stream,
            None => BufReader::new(TcpStream::connect(&self.address)?),
        };
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {length}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n",
            self.address
        );
        stream.get_mut().write_all((head + body).as_bytes())?;
        let (first, length) = read_head(&mut stream)?;
        let status = first.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let mut body = Vec::new();
        match length {
            Some(length) => {
                body.resize(length, 0);
                stream.read_exact(&mut body)?;
            }
            None => loop {
                let mut line = String::new();
                stream.read_line(&mut line)?;
                let size = usize::from_str_radix(line.trim(), 16).map_err(std::io::Error::other)?;
                let start = body.len();
                body.resize(start + size, 0);
                stream.read_exact(&mut body[start..])?;
                stream.read_line(&mut line)?;
                if size == 0 {
                    break;
                }
            },
        }
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(stream);
        }
        Ok((status, body))
    }
}

/// The first line of a message, and how long its body is unless it comes in chunks.
fn read_head(stream: &mut BufReader<TcpStream>) -> std::io::Result<(String, Option<usize>)> {
    let (mut first, mut line, mut length) = (String::new(), String::new(), None);
    stream.read_line(&mut first)?;
    while stream.read_line(&mut line)? > 2 {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok();
        }
        line.clear();
    }
    Ok((first, length))
}

impl Fetch for Http {
    fn fetch(&self, request: &Request) -> Result<Reply, FetchError> {
        let mut form = String::new();
        for (name, value) in &request.form {
            write!(form, "{name}=").ok();
            for byte in value.bytes() {
                if byte.is_ascii_alphanumeric() {
                    form.push(byte.into());
                } else {
                    write!(form, "%{byte:02X}").ok();
                }
            }
            form.push('&');
        }
        let (status, body) = self
            .post(request.path, &form)
            .map_err(|error| FetchError::Connect { reason: error.to_string() })?;
        Ok(Reply { status, content_type: None, retry_after: None, body })
    }

    fn pause(&self, duration: Duration) {
        thread::sleep(std::time::Duration::from_millis(duration.milliseconds()));
    }
}

/// A server of this program: gives 1000 events and 1 bad one for any window that it is asked for.
fn serve(listener: &TcpListener) {
    for stream in listener.incoming().flatten() {
        thread::spawn(move || {
            let mut stream = BufReader::new(stream);
            while let Ok((first, Some(length))) = read_head(&mut stream) {
                let mut body = vec![0; length];
                if stream.read_exact(&mut body).is_err() {
                    return;
                }
                let reply = answer(first.contains("query_range"), &String::from_utf8_lossy(&body));
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", reply.len());
                if stream.get_mut().write_all((head + &reply).as_bytes()).is_err() {
                    return;
                }
            }
        });
    }
}

fn answer(is_range: bool, form: &str) -> String {
    let seconds = |name: &str| -> u64 {
        let value = form.split('&').find_map(|pair| pair.strip_prefix(name));
        value.and_then(|value| value.strip_prefix('=')?.parse().ok()).unwrap_or(0)
    };
    let times = if is_range {
        (seconds("start")..=seconds("end")).step_by(seconds("step").try_into().unwrap_or(1))
    } else {
        (seconds("time")..=seconds("time")).step_by(1)
    };
    let series = |part: &str, count: f64| {
        let mut text = format!(r#"{{"metric":{{"sre_part":"{part}"}},"#);
        text += if is_range { r#""values":["# } else { r#""value":"# };
        for (index, time) in times.clone().enumerate() {
            let separator = if index == 0 { "" } else { "," };
            // As long as what a server says: extrapolated counts have all digits.
            let value = count * (1.0 + (time % 3601) as f64 / 7919.0);
            write!(text, "{separator}[{time},\"{value}\"]").ok();
        }
        text + if is_range { "]}" } else { "}" }
    };
    format!(
        r#"{{"status":"success","data":{{"resultType":"{}","result":[{},{}]}}}}"#,
        if is_range { "matrix" } else { "vector" },
        series("total", 1000.0),
        series("part", 1.0)
    )
}

fn questions(count: usize, metric: &str, now: Instant) -> Vec<Question> {
    let windows = ["5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d"];
    let back = |length: &str| Some(now - length.parse::<Duration>().ok()?.to_chrono());
    // A grid of whole hours that ends before now.
    let end = now.timestamp() / 3600 * 3600;
    let from = chrono::DateTime::from_timestamp(end - 30 * 86_400, 0).unwrap_or(now);
    (0..count)
        .map(|index| {
            let query = |more: &str| {
                format!("sum(increase({metric}{{q!=\"{index}\"{more}}}[{{{{.window}}}}]))")
            };
            Question {
                total: query(""),
                part: Part::Bad(query(",code=~\"5..\"")),
                group_by: Vec::new(),
                windows: windows.iter().filter_map(|length| Some((back(length)?, now))).collect(),
                grid: Some(Steps { from, count: 720, step: Duration::from_hours(1) }),
            }
        })
        .collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut count, mut concurrency, mut address) = (500, 8, None);
    let mut metric = "prometheus_http_requests_total".to_owned();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or(format!("`{argument}` needs a value"))?;
        match argument.as_str() {
            "--questions" => count = value.parse()?,
            "--concurrency" => concurrency = value.parse()?,
            "--metric" => metric = value,
            "--prometheus" => {
                let host =
                    value.strip_prefix("http://").ok_or("the address begins with http://")?;
                address = Some(host.trim_end_matches('/').to_owned());
            }
            _ => return Err(format!("`{argument}` is no option").into()),
        }
    }
    let address = if let Some(address) = address {
        address
    } else {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        thread::spawn(move || serve(&listener));
        address
    };
    let http = Http { address, idle: Mutex::default() };
    let cache = Memory::default();
    let now = chrono::Utc::now();
    let questions = questions(count, &metric, now);
    for run in ["first", "again"] {
        let options = Options { concurrency, ..Options::new("bench", now) };
        let source = PrometheusSource { fetch: &http, cache: &cache, options };
        let start = std::time::Instant::now();
        let (answers, effort) = source.ask(&questions);
        let seconds = start.elapsed().as_secs_f64();
        let failed: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
        println!(
            "{run}: {} requests, {} from the cache, {} bytes, {} samples, {seconds:.3} s, {} unanswered{}",
            effort.requests,
            effort.cached,
            effort.bytes,
            effort.samples,
            failed.len(),
            failed.first().map(|failed| format!(" ({failed})")).unwrap_or_default()
        );
    }
    Ok(())
}
