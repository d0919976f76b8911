//! As much HTTP/1.1 as a model's client needs: one request in, one answer out, chunked or not.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, ErrorKind, Read, Write};

/// Longest request line and headers.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Longest body.
const BODY_BYTES_MAX: usize = 64 << 20;
/// Most headers of one request.
const HEADERS_MAX: usize = 100;
/// Read at once.
const CHUNK_BYTES: usize = 16 * 1024;

/// A request with its whole body.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// Reads requests from one connection.
pub(crate) struct Requests<R> {
    input: R,
    /// Read and not yet used.
    pending: Vec<u8>,
}

impl<R: Read> Requests<R> {
    pub(crate) fn new(input: R) -> Requests<R> {
        Requests { input, pending: Vec::new() }
    }

    /// The next request; nothing when the client has closed the connection.
    pub(crate) fn next(&mut self) -> io::Result<Option<Request>> {
        let (mut request, head_bytes) = loop {
            if let Some(parsed) = parse_head(&self.pending)? {
                break parsed;
            }
            if self.pending.len() > HEAD_BYTES_MAX {
                return Err(invalid("the head of a request is too long"));
            }
            if !self.fill()? {
                return Ok(None);
            }
        };
        self.pending.drain(..head_bytes);
        let header = |name: &str| request.headers.get(name).map(String::as_str);
        request.body = if header("transfer-encoding").is_some_and(|v| v.contains("chunked")) {
            self.chunked_body()?
        } else {
            let length = header("content-length").unwrap_or("0").trim();
            let length = length.parse().map_err(|_| invalid("content-length is no number"))?;
            self.take(length)?
        };
        Ok(Some(request))
    }

    fn chunked_body(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.line()?;
            let digits = line.split(';').next().unwrap_or_default().trim();
            let length = usize::from_str_radix(digits, 16)
                .map_err(|_| invalid("the length of a chunk is no number"))?;
            if length == 0 {
                while !self.line()?.is_empty() {}
                return Ok(body);
            }
            if body.len() + length > BODY_BYTES_MAX {
                return Err(invalid("a body is too long"));
            }
            body.extend(self.take(length)?);
            self.line()?;
        }
    }

    fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.pending.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.pending.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if self.pending.len() > HEAD_BYTES_MAX || !self.fill()? {
                return Err(invalid("a line does not end"));
            }
        }
    }

    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        if length > BODY_BYTES_MAX {
            return Err(invalid("a body is too long"));
        }
        while self.pending.len() < length {
            if !self.fill()? {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.pending.drain(..length).collect())
    }

    fn fill(&mut self) -> io::Result<bool> {
        let mut buffer = [0; CHUNK_BYTES];
        let read = self.input.read(&mut buffer)?;
        self.pending.extend_from_slice(&buffer[..read]);
        Ok(read > 0)
    }
}

/// Writes an answer whose length is known.
pub(crate) fn send(
    mut out: impl Write,
    status: u16,
    headers: &BTreeMap<String, String>,
    body: &[u8],
    with_body: bool,
) -> io::Result<()> {
    let mut head = head_of(status, headers);
    let _ =
        write!(head, "content-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    let mut bytes = head.into_bytes();
    if with_body {
        bytes.extend_from_slice(body);
    }
    out.write_all(&bytes)
}

/// Writes the head of an answer that comes in chunks.
pub(crate) fn send_stream_head(
    mut out: impl Write,
    headers: &BTreeMap<String, String>,
) -> io::Result<()> {
    let mut head = head_of(200, headers);
    head.push_str("content-type: text/event-stream\r\ncache-control: no-cache\r\n");
    head.push_str("transfer-encoding: chunked\r\n\r\n");
    out.write_all(head.as_bytes())
}

/// Writes one chunk; an empty one ends the body.
pub(crate) fn send_chunk(mut out: impl Write, chunk: &[u8]) -> io::Result<()> {
    let mut bytes = format!("{:x}\r\n", chunk.len()).into_bytes();
    bytes.extend_from_slice(chunk);
    bytes.extend_from_slice(b"\r\n");
    out.write_all(&bytes)
}

fn head_of(status: u16, headers: &BTreeMap<String, String>) -> String {
    let mut head = format!("HTTP/1.1 {status} Scripted\r\n");
    for (name, value) in headers {
        // Writing to a String cannot fail.
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head
}

fn parse_head(bytes: &[u8]) -> io::Result<Option<(Request, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut parsed = httparse::Request::new(&mut headers);
    let status = parsed.parse(bytes).map_err(|err| invalid(&err.to_string()))?;
    let httparse::Status::Complete(head_bytes) = status else { return Ok(None) };
    let text = |header: &httparse::Header<'_>| {
        let value = String::from_utf8_lossy(header.value).into_owned();
        (header.name.to_ascii_lowercase(), value)
    };
    let request = Request {
        method: parsed.method.unwrap_or_default().to_owned(),
        path: parsed.path.unwrap_or_default().to_owned(),
        headers: parsed.headers.iter().map(text).collect(),
        body: Vec::new(),
    };
    Ok(Some((request, head_bytes)))
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why)
}
