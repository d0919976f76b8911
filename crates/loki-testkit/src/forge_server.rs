//! A forge on loopback that answers as it was told: what `loki` asks for issues in a test.
//!
//! Owns pages of lists in the ways of GitHub, GitLab, Jira and Azure DevOps, refusals, and the log of
//! requests with all they brought. Refuses to know what an issue is: bodies are given. One server
//! per test, on a port of its own; it stops on drop.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value, json};

use crate::forge_state::ForgeState;
use crate::model_server::http::{Request, Requests, send};

/// Connections served in one test before something must be wrong.
const CONNECTIONS_MAX: usize = 1_000;
/// A client that says nothing for this long is gone.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// What a forge answers, by the path that is asked, without its query.
///
/// `{base}` in texts becomes the server's own address.
#[derive(Clone, Debug, Default)]
pub struct ForgeScript {
    routes: BTreeMap<String, Route>,
    token: Option<(String, String)>,
    delay: Duration,
}

#[derive(Clone, Debug)]
enum Route {
    Answer(ForgeAnswer),
    List { elements: Vec<Value>, page: usize, paging: Paging },
}

/// One answer.
#[derive(Clone, Debug, Default)]
pub struct ForgeAnswer {
    /// As in 404.
    pub status: u16,
    /// Besides those of every answer.
    pub headers: BTreeMap<String, String>,
    /// As it is sent.
    pub body: Vec<u8>,
}

/// How a list comes in pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// `page` and a `Link` header: GitHub and GitLab.
    Link,
    /// `startAt` and a total around the elements, which are called `comments`: Jira.
    StartAt,
    /// `continuationToken` around the same: Azure DevOps.
    Continuation,
}

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct ForgeRequest {
    /// As in `GET`.
    pub method: String,
    /// With its query.
    pub path: String,
    /// By lower-case name, with everything in them.
    pub headers: BTreeMap<String, String>,
    /// As text.
    pub body: String,
}

impl ForgeRequest {
    /// Whether anything in it could log in.
    pub fn has_token(&self) -> bool {
        ["authorization", "private-token", "cookie"].iter().any(|n| self.headers.contains_key(*n))
    }
}

impl ForgeScript {
    /// Knows nothing: every path is answered with 404.
    pub fn new() -> ForgeScript {
        ForgeScript::default()
    }

    /// Answers `path` with a document.
    #[must_use]
    pub fn json(self, path: &str, body: &Value) -> ForgeScript {
        self.answer(path, 200, &[], body.to_string().as_bytes())
    }

    /// Answers `path` with anything.
    #[must_use]
    pub fn answer(
        mut self,
        path: &str,
        status: u16,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> ForgeScript {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let answer = ForgeAnswer { status, headers: headers.collect(), body: body.to_vec() };
        self.routes.insert(path.to_owned(), Route::Answer(answer));
        self
    }

    /// Answers `path` with `elements`, `page` at once at most.
    #[must_use]
    pub fn list(
        mut self,
        path: &str,
        paging: Paging,
        page: usize,
        elements: Vec<Value>,
    ) -> ForgeScript {
        self.routes.insert(path.to_owned(), Route::List { elements, page, paging });
        self
    }

    /// Answers 401 to whoever does not send exactly this header.
    #[must_use]
    pub fn require(mut self, header: &str, value: &str) -> ForgeScript {
        self.token = Some((header.to_lowercase(), value.to_owned()));
        self
    }

    /// Thinks that long about each answer.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> ForgeScript {
        self.delay = delay;
        self
    }
}

/// A running server.
#[derive(Debug)]
pub struct ForgeServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    script: ForgeScript,
    /// Answers in the place of the script.
    state: Option<Arc<ForgeState>>,
    base: String,
    requests: Mutex<Vec<ForgeRequest>>,
    connections: Mutex<Vec<TcpStream>>,
    stopping: AtomicBool,
}

impl ForgeServer {
    /// Starts a server for `script` on a free port of 127.0.0.1.
    pub fn start(script: ForgeScript) -> ForgeServer {
        ForgeServer::start_with(script, None)
    }

    /// Starts a server that keeps what it is told; of `script` only the token counts that it requires.
    pub fn keeping(state: &Arc<ForgeState>, script: ForgeScript) -> ForgeServer {
        ForgeServer::start_with(script, Some(Arc::clone(state)))
    }

    fn start_with(script: ForgeScript, state: Option<Arc<ForgeState>>) -> ForgeServer {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared {
            script,
            state,
            base: format!("http://{address}"),
            requests: Mutex::default(),
            connections: Mutex::default(),
            stopping: AtomicBool::new(false),
        });
        let acceptor = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        ForgeServer { address, shared, acceptor: Some(acceptor) }
    }

    /// `http://127.0.0.1:PORT`
    pub fn base_url(&self) -> String {
        self.shared.base.clone()
    }

    /// `127.0.0.1:PORT`
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Everything asked so far, in order.
    pub fn requests(&self) -> Vec<ForgeRequest> {
        self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for ForgeServer {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        if let Some(state) = &self.shared.state {
            state.release_answers();
        }
        // Wakes the acceptor, which sees that it has to stop.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut threads = Vec::new();
    for stream in listener.incoming().take(CONNECTIONS_MAX) {
        if shared.stopping.load(Ordering::SeqCst) {
            break;
        }
        let Ok(stream) = stream else { continue };
        if let Ok(clone) = stream.try_clone() {
            shared.connections.lock().unwrap_or_else(PoisonError::into_inner).push(clone);
        }
        let shared = Arc::clone(shared);
        threads.push(thread::spawn(move || {
            // A client that goes away in the middle is what some tests are about.
            let _: io::Result<()> = serve(&stream, &shared);
            let _ = stream.shutdown(Shutdown::Both);
        }));
    }
    for stream in shared.connections.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        let _ = stream.shutdown(Shutdown::Both);
    }
    for thread in threads {
        let _ = thread.join();
    }
}

fn serve(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(SILENCE_MAX))?;
    stream.set_nodelay(true)?;
    let mut requests = Requests::new(stream);
    while let Some(request) = requests.next()? {
        thread::sleep(shared.script.delay);
        let answer = shared.answer(&request);
        shared.requests.lock().unwrap_or_else(PoisonError::into_inner).push(ForgeRequest {
            method: request.method.clone(),
            path: request.path.clone(),
            headers: request.headers.clone(),
            body: String::from_utf8_lossy(&request.body).into_owned(),
        });
        // The answer is lost.
        let Some(mut answer) = answer else { return Ok(()) };
        for value in answer.headers.values_mut() {
            *value = value.replace("{base}", &shared.base);
        }
        let with_body = request.method != "HEAD";
        send(stream, answer.status, &answer.headers, &answer.body, with_body)?;
    }
    Ok(())
}

impl Shared {
    fn answer(&self, request: &Request) -> Option<ForgeAnswer> {
        if let Some((header, value)) = &self.script.token
            && request.headers.get(header) != Some(value)
            && !request.path.starts_with("/hooks/")
        {
            return Some(refusal(401, "Bad credentials"));
        }
        match &self.state {
            Some(state) => state.answer(request),
            None => Some(self.scripted(request)),
        }
    }

    fn scripted(&self, request: &Request) -> ForgeAnswer {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        match self.script.routes.get(path) {
            None => refusal(404, "Not Found"),
            Some(Route::Answer(answer)) => {
                let mut answer = answer.clone();
                // Large bodies are not looked through, nor are those that are no text.
                if answer.body.len() < 1 << 20
                    && let Ok(text) = std::str::from_utf8(&answer.body)
                {
                    answer.body = text.replace("{base}", &self.base).into_bytes();
                }
                answer
            }
            Some(Route::List { elements, page, paging }) => {
                self.page(path, &query_of(query), elements, *page, *paging)
            }
        }
    }

    fn page(
        &self,
        path: &str,
        query: &BTreeMap<String, String>,
        elements: &[Value],
        page: usize,
        paging: Paging,
    ) -> ForgeAnswer {
        let number = |name: &str| query.get(name).and_then(|value| value.parse::<usize>().ok());
        let size = number("per_page").or(number("maxResults")).or(number("$top")).unwrap_or(30);
        let size = size.min(page);
        let start = match paging {
            Paging::Link => (number("page").unwrap_or(1).max(1) - 1) * size,
            Paging::StartAt => number("startAt").unwrap_or(0),
            Paging::Continuation => number("continuationToken").unwrap_or(0),
        };
        let shown: Vec<Value> = elements.iter().skip(start).take(size).cloned().collect();
        let end = start + shown.len();
        let mut answer = ForgeAnswer { status: 200, ..ForgeAnswer::default() };
        let body = match paging {
            Paging::Link => {
                let link = |page: usize, rel: &str| {
                    let mut query = query.clone();
                    query.insert("page".to_owned(), page.to_string());
                    let pairs = query.iter().map(|(name, value)| format!("{name}={value}"));
                    let query = pairs.collect::<Vec<_>>().join("&");
                    format!("<{}{path}?{query}>; rel=\"{rel}\"", self.base)
                };
                let (current, last) = (start / size + 1, elements.len().div_ceil(size).max(1));
                if end < elements.len() {
                    let links = [link(current + 1, "next"), link(last, "last")].join(", ");
                    answer.headers.insert("link".to_owned(), links);
                }
                Value::Array(shown)
            }
            Paging::StartAt => json!({"startAt": start, "maxResults": size,
                "total": elements.len(), "comments": shown}),
            Paging::Continuation => {
                let mut body =
                    json!({"totalCount": elements.len(), "count": shown.len(), "comments": shown});
                if end < elements.len() {
                    body["continuationToken"] = end.to_string().into();
                }
                body
            }
        };
        answer.body = body.to_string().replace("{base}", &self.base).into_bytes();
        answer
    }
}

fn refusal(status: u16, message: &str) -> ForgeAnswer {
    let body = json!({"message": message}).to_string().into_bytes();
    ForgeAnswer { status, body, ..ForgeAnswer::default() }
}

/// Names and values of a query as they are written there, but for the sign of `$top`.
fn query_of(query: &str) -> BTreeMap<String, String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.replace("%24", "$"), value.to_owned())).collect()
}
