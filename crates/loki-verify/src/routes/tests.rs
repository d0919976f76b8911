use super::*;

fn found(path: &str, text: &str) -> Vec<String> {
    routes(path, text).routes.iter().map(|route| format!("{}:{route}", route.line)).collect()
}

#[test]
fn scripts_declare_operations_on_what_the_framework_made() {
    let express = "\
const express = require('express');
const app = express();
const api = express.Router();
app.get('/pets', list);
api.post('/pets', check, create);
app.route('/pets/:id').get(one).delete(drop);
app.get('title');
cache.get('/pets/cached', later);
client.get(`/pets/${id}`, done);
app.use('/api', api);
";
    let expected = ["4:GET /pets", "5:POST /pets", "6:DELETE /pets/:id", "6:GET /pets/:id"];
    let mut all = found("src/app.js", express);
    all.sort();
    assert_eq!(all, expected);
    let fastify = "import Fastify from 'fastify';\nconst app = Fastify();\napp.get('/a', async () => 1);\n\
                   app.route({ method: 'PUT', url: '/b', handler });\n";
    assert_eq!(found("src/app.ts", fastify), ["3:GET /a", "4:PUT /b"]);
    let required = "const app = require('fastify')({ logger: true });\napp.post('/a', f);\n";
    assert_eq!(found("app.js", required), ["2:POST /a"]);
    let koa =
        "const Router = require('@koa/router');\nconst r = new Router();\nr.patch('/a', f);\n";
    assert_eq!(found("app.js", koa), ["3:PATCH /a"]);
    let axios =
        "import axios from 'axios';\nconst app = axios.create();\napp.get('/express', {});\n";
    assert_eq!(found("app.js", axios), [""; 0]);
    assert_eq!(found("test/app.test.js", express), [""; 0]);
}

#[test]
fn python_declares_operations_by_decorators_and_in_urls() {
    let flask = "\
from flask import Flask, Blueprint
app = Flask(__name__)
bp = Blueprint('pets', __name__, url_prefix='/pets')

@app.route('/pets', methods=['GET', 'POST'])
def pets():
    return client.get('/elsewhere')

@bp.route('/<int:id>')
def pet(id): ...

@cache.route('/x')
def x(): ...
";
    let expected = ["5:GET /pets", "5:POST /pets", "9:GET /<int:id>"];
    assert_eq!(found("app.py", flask), expected);
    let fastapi = "import fastapi\nrouter = fastapi.APIRouter()\n\n@router.get('/pets/{id}')\nasync def pet(id: int): ...\n";
    assert_eq!(found("app.py", fastapi), ["4:GET /pets/{id}"]);
    let django = "from django.urls import path, include\nurlpatterns = [\n    path('pets/<int:id>', views.pet),\n    path('api/', include('api.urls')),\n]\n";
    assert_eq!(found("pets/urls.py", django), ["3:any method of /pets/<int:id>"]);
}

#[test]
fn go_and_rust_declare_operations_by_calls_and_attributes() {
    let gin = "package a\nimport \"github.com/gin-gonic/gin\"\nfunc f(r *gin.Engine) {\n\tr.GET(\"/pets/:id\", g)\n\tr.Use(x)\n}\n";
    assert_eq!(found("a.go", gin), ["4:GET /pets/:id"]);
    let http = "package a\nimport \"net/http\"\nfunc f() {\n\thttp.HandleFunc(\"POST /pets\", g)\n\thttp.HandleFunc(\"/pets/all\", g)\n\thttp.Handle(\"/static/\", g)\n\thttp.Get(\"/pets/x\")\n}\n";
    assert_eq!(found("a.go", http), ["4:POST /pets", "5:any method of /pets/all"]);
    let mux = "package a\nimport \"github.com/gorilla/mux\"\nfunc f() {\n\tr := mux.NewRouter()\n\tr.HandleFunc(\"/pets\", g).Methods(\"GET\", http.MethodPost)\n}\n";
    assert_eq!(found("a.go", mux), ["5:GET /pets", "5:POST /pets"]);
    let axum = "use axum::{Router, routing::get};\nfn app() -> Router {\n    Router::new()\n        .route(\"/pets\", get(list).post(create))\n        .route(\"/pets/{id}\", axum::routing::delete(drop))\n}\n";
    let mut all = found("src/a.rs", axum);
    all.sort();
    assert_eq!(all, ["4:GET /pets", "4:POST /pets", "5:DELETE /pets/{id}"]);
    let actix = "use actix_web::{get, HttpResponse};\n#[get(\"/pets\")]\nasync fn pets() -> HttpResponse { x() }\n";
    assert_eq!(found("src/a.rs", actix), ["2:GET /pets"]);
}

#[test]
fn spring_and_ruby_declare_operations() {
    let spring = "\
import org.springframework.web.bind.annotation.*;
@RestController
@RequestMapping(\"/api\")
class Pets {
    @GetMapping(\"/pets/{id}\")
    Pet one() { return null; }
    @RequestMapping(value = \"/pets\", method = RequestMethod.POST)
    Pet two() { return null; }
}
";
    assert_eq!(found("src/main/java/Pets.java", spring), ["5:GET /pets/{id}", "7:POST /pets"]);
    let sinatra = "require 'sinatra'\nget '/pets/:id' do\n  cache.get('/x')\nend\n";
    assert_eq!(found("app.rb", sinatra), ["2:GET /pets/:id"]);
    let rails = "Rails.application.routes.draw do\n  get 'pets/:id', to: 'pets#show'\n  resources :toys\nend\n";
    assert_eq!(found("config/routes.rb", rails), ["2:GET /pets/:id"]);
}

fn file(path: &str, routes: &[(&'static str, &str)]) -> Routes {
    let route = |(method, path): &(&'static str, &str)| Route {
        method: Some(method).filter(|method| !method.is_empty()).copied(),
        path: (*path).to_owned(),
        line: 1,
    };
    Routes { path: path.to_owned(), routes: routes.iter().map(route).collect() }
}

fn alarms(files: &[Routes]) -> Vec<String> {
    let named = [("GET", "/v1/pets"), ("GET", "/v1/pets/{id}"), ("POST", "/v1/pets")];
    let named = named.map(|(method, path)| (method.to_owned(), path.to_owned()));
    unnamed(files, &named).iter().map(|(path, route)| format!("{path} {route}")).collect()
}

#[test]
fn an_operation_that_the_spec_does_not_name_is_told() {
    let files = [
        file("src/pets.js", &[("GET", "/pets"), ("GET", "/pets/:id"), ("DELETE", "/pets/:id")]),
        file("src/admin.js", &[("POST", "/admin/reset")]),
    ];
    assert_eq!(alarms(&files), ["src/pets.js DELETE /pets/:id", "src/admin.js POST /admin/reset"]);
}

#[test]
fn what_may_be_named_or_belongs_elsewhere_is_not_told() {
    let files = [
        file("src/pets.js", &[("GET", "/pets"), ("", "/pets/<id>"), ("GET", "/:id")]),
        file(
            "src/pets.js",
            &[("GET", "/api/v1/pets"), ("GET", "/healthz"), ("GET", "/"), ("GET", "/*")],
        ),
        // Another program of the same repository.
        file("tools/admin.js", &[("POST", "/admin/reset")]),
    ];
    assert_eq!(alarms(&files), [""; 0]);
    assert_eq!(alarms(&[file("src/a.js", &[("GET", "/unheard-of")])]), [""; 0]);
}
