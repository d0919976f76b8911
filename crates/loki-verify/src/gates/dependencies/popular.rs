//! Table: packages that everybody uses, by which others are told that only look like them.

use super::package::Ecosystem;

/// Names of an ecosystem that everybody knows.
pub(super) fn names(ecosystem: Ecosystem) -> impl Iterator<Item = &'static str> + Clone {
    let names = match ecosystem {
        Ecosystem::Npm => NPM,
        Ecosystem::PyPi => PYPI,
        Ecosystem::Cargo => CARGO,
        Ecosystem::Go => GO,
        Ecosystem::Ruby => RUBY,
        Ecosystem::Composer => COMPOSER,
        Ecosystem::Maven => MAVEN,
    };
    names.split_whitespace()
}

const NPM: &str = "
react react-dom next vue svelte angular preact solid-js lodash lodash-es underscore express
koa fastify hapi axios node-fetch got request superagent undici chalk kleur colors picocolors
commander yargs minimist meow inquirer prompts debug dotenv dotenv-expand moment
moment-timezone dayjs date-fns luxon uuid nanoid semver glob globby fast-glob minimatch
micromatch picomatch rimraf mkdirp fs-extra chokidar cross-env cross-spawn execa shelljs async
bluebird rxjs ramda immer immutable redux react-redux @reduxjs/toolkit zustand mobx recoil
jotai react-router react-router-dom react-query @tanstack/react-query swr formik
react-hook-form yup zod joi ajv validator class-validator class-transformer typescript ts-node
tsx tslib esbuild webpack webpack-cli webpack-dev-server rollup vite parcel gulp grunt
babel-loader @babel/core @babel/cli @babel/preset-env @babel/preset-react
@babel/preset-typescript @babel/runtime css-loader style-loader sass sass-loader less postcss
postcss-loader autoprefixer tailwindcss bootstrap jquery styled-components @emotion/react
@emotion/styled @mui/material classnames clsx jest ts-jest babel-jest @jest/globals vitest
mocha chai sinon ava tape nyc c8 jasmine karma cypress playwright @playwright/test puppeteer
supertest nock msw @testing-library/react @testing-library/jest-dom
@testing-library/user-event jsdom happy-dom eslint eslint-config-prettier eslint-plugin-react
eslint-plugin-import eslint-plugin-prettier @typescript-eslint/parser
@typescript-eslint/eslint-plugin prettier stylelint husky lint-staged nodemon pm2 concurrently
npm-run-all mongoose mongodb mysql mysql2 pg sqlite3 better-sqlite3 redis ioredis sequelize
typeorm knex prisma @prisma/client drizzle-orm graphql apollo-server @apollo/client
@apollo/server body-parser cors helmet morgan cookie-parser express-session multer passport
passport-local passport-jwt jsonwebtoken bcrypt bcryptjs argon2 crypto-js ws socket.io
socket.io-client bull bullmq amqplib kafkajs nodemailer handlebars ejs pug mustache marked
markdown-it highlight.js cheerio puppeteer-core sharp jimp winston pino bunyan log4js
@types/node @types/react @types/react-dom @types/jest @types/express @types/lodash
@types/mocha @nestjs/core @nestjs/common @angular/core @angular/cli @vue/cli vue-router vuex
pinia nuxt gatsby electron electron-builder three d3 chart.js echarts leaflet mapbox-gl
aws-sdk @aws-sdk/client-s3 @google-cloud/storage firebase firebase-admin stripe openai
@anthropic-ai/sdk langchain qs query-string path-to-regexp mime mime-types form-data busboy
formidable archiver unzipper tar csv-parse papaparse xlsx xml2js fast-xml-parser js-yaml yaml
toml ini ms pluralize slugify he iconv-lite readable-stream through2 split2 pump end-of-stream
event-stream eventemitter3 events inherits util buffer process core-js regenerator-runtime
whatwg-fetch isomorphic-fetch cross-fetch lru-cache p-limit p-queue p-map p-retry retry ora
cli-progress boxen figlet strip-ansi ansi-styles ansi-regex supports-color string-width
wrap-ansi escape-string-regexp has-flag color-convert color-name color is-number is-promise
is-plain-object kind-of object-assign safe-buffer source-map source-map-support acorn esprima
estraverse escodegen terser uglify-js html-webpack-plugin mini-css-extract-plugin
copy-webpack-plugin clean-webpack-plugin dotenv-webpack storybook @storybook/react lerna nx
turbo changesets rc open opn serve http-server http-proxy http-proxy-middleware
express-rate-limit compression serve-static send connect finalhandler on-finished parseurl
type-is accepts content-type cookie etag fresh range-parser vary depd statuses raw-body bytes
";

const PYPI: &str = "
requests urllib3 httpx aiohttp httplib2 flask django fastapi starlette uvicorn gunicorn
werkzeug jinja2 markupsafe itsdangerous click typer rich colorama tqdm numpy pandas scipy
matplotlib seaborn plotly scikit-learn scikit-image tensorflow keras torch torchvision
torchaudio transformers tokenizers datasets huggingface-hub accelerate diffusers xgboost
lightgbm catboost statsmodels sympy networkx nltk spacy gensim opencv-python pillow imageio
beautifulsoup4 lxml html5lib scrapy selenium playwright pytest pytest-cov pytest-mock
pytest-asyncio pytest-xdist pytest-django coverage tox nox hypothesis mock faker factory-boy
responses freezegun black flake8 pylint mypy ruff isort pyright bandit pre-commit autopep8
yapf setuptools wheel pip poetry hatch hatchling flit build twine virtualenv pipenv uv
pydantic pydantic-core pydantic-settings attrs marshmallow cattrs dataclasses-json sqlalchemy
alembic psycopg2 psycopg2-binary psycopg asyncpg pymysql mysqlclient mysql-connector-python
pymongo motor redis aioredis celery kombu rq dramatiq boto3 botocore s3transfer awscli
google-cloud-storage google-api-python-client google-auth azure-storage-blob azure-identity
azure-core protobuf grpcio grpcio-tools pyyaml ruamel-yaml toml tomli tomlkit python-dotenv
python-dateutil pytz tzdata arrow pendulum cryptography pycryptodome pyopenssl paramiko bcrypt
passlib pyjwt python-jose authlib oauthlib requests-oauthlib certifi charset-normalizer
chardet idna six packaging typing-extensions importlib-metadata zipp filelock platformdirs
appdirs psutil docker kubernetes ansible fabric invoke openai anthropic langchain
langchain-core llama-index tiktoken sentence-transformers chromadb faiss-cpu streamlit gradio
dash bokeh altair jupyter jupyterlab notebook ipython ipykernel nbformat sphinx mkdocs
mkdocs-material docutils babel markdown pygments loguru structlog sentry-sdk prometheus-client
opentelemetry-api opentelemetry-sdk pyarrow polars dask openpyxl xlrd xlsxwriter tabulate
prettytable jsonschema orjson ujson simplejson msgpack websockets websocket-client tornado
sanic bottle falcon djangorestframework django-cors-headers django-filter django-environ
whitenoise channels daphne graphene strawberry-graphql flask-sqlalchemy flask-login flask-cors
flask-migrate flask-wtf wtforms greenlet gevent eventlet anyio trio h11 httpcore sniffio
tenacity backoff cachetools diskcache joblib cloudpickle numba cython cffi pycparser regex
unidecode python-slugify humanize emoji pyserial pyusb pygame kivy pyinstaller cx-freeze
decorator wrapt deprecated more-itertools toolz sortedcontainers pexpect ptyprocess watchdog
schedule apscheduler prefect airflow dbt-core great-expectations mlflow wandb optuna ray
shapely geopandas fiona pyproj folium geopy
";

const CARGO: &str = "
serde serde_json serde_yaml serde_derive tokio tokio-util tokio-stream async-std futures
futures-util async-trait anyhow thiserror eyre color-eyre clap structopt log env_logger
tracing tracing-subscriber rand rand_core rand_chacha regex lazy_static once_cell itertools
rayon crossbeam crossbeam-channel parking_lot num num-traits num-bigint bytes bitflags chrono
time jiff uuid url reqwest hyper http axum actix-web rocket warp tower tower-http tonic prost
diesel sqlx rusqlite sea-orm redis mongodb postgres tokio-postgres base64 hex sha2 sha1 md-5
blake3 ring rustls openssl native-tls aes rsa ed25519-dalek curve25519-dalek syn quote
proc-macro2 tempfile walkdir glob globset ignore notify dirs directories libc nix winapi
windows-sys memchr aho-corasick indexmap hashbrown smallvec arrayvec either cfg-if semver toml
toml_edit config criterion proptest quickcheck insta mockall wiremock assert_cmd predicates
trybuild rstest image png csv flate2 zstd zip tar bincode postcard ciborium rmp-serde nom pest
winnow logos lalrpop ratatui crossterm termcolor colored console indicatif dialoguer egui iced
winit wgpu bevy glam nalgebra ndarray polars arrow wasm-bindgen js-sys web-sys getrandom ahash
fnv rustc-hash dashmap moka lru petgraph strum strum_macros derive_more derive_builder
typed-builder paste static_assertions unicode-segmentation unicode-width heck textwrap similar
pretty_assertions backtrace addr2line object gimli cc cmake pkg-config bindgen cbindgen rustix
signal-hook ctrlc which shellexpand tracing-appender opentelemetry prometheus metrics lettre
askama tera handlebars minijinja pulldown-cmark comrak syntect tree-sitter git2 gix octocrab
jsonwebtoken argon2 bcrypt oauth2 openidconnect secrecy zeroize subtle pin-project
pin-project-lite socket2 mio polling slab
";

const GO: &str = "
github.com/stretchr/testify github.com/spf13/cobra github.com/spf13/viper
github.com/spf13/pflag github.com/gin-gonic/gin github.com/labstack/echo/v4
github.com/gofiber/fiber/v2 github.com/gorilla/mux github.com/gorilla/websocket
github.com/go-chi/chi/v5 github.com/sirupsen/logrus go.uber.org/zap github.com/rs/zerolog
github.com/pkg/errors github.com/google/uuid github.com/google/go-cmp
github.com/golang/protobuf google.golang.org/protobuf google.golang.org/grpc
github.com/jackc/pgx/v5 github.com/lib/pq github.com/go-sql-driver/mysql
github.com/mattn/go-sqlite3 gorm.io/gorm github.com/jmoiron/sqlx github.com/redis/go-redis/v9
github.com/aws/aws-sdk-go github.com/aws/aws-sdk-go-v2 github.com/prometheus/client_golang
github.com/golang-jwt/jwt/v5 github.com/hashicorp/vault github.com/hashicorp/consul
github.com/docker/docker k8s.io/client-go k8s.io/api k8s.io/apimachinery golang.org/x/crypto
golang.org/x/net golang.org/x/sync golang.org/x/sys golang.org/x/text golang.org/x/tools
golang.org/x/exp gopkg.in/yaml.v3 gopkg.in/yaml.v2 github.com/BurntSushi/toml
github.com/fsnotify/fsnotify github.com/fatih/color github.com/urfave/cli/v2
github.com/onsi/ginkgo/v2 github.com/onsi/gomega github.com/golang/mock go.uber.org/mock
github.com/shopspring/decimal github.com/robfig/cron/v3 github.com/nats-io/nats.go
github.com/segmentio/kafka-go github.com/minio/minio-go/v7 github.com/charmbracelet/bubbletea
github.com/davecgh/go-spew github.com/pmezard/go-difflib github.com/joho/godotenv
github.com/json-iterator/go github.com/valyala/fasthttp
";

const RUBY: &str = "
rails rake rack sinatra puma unicorn sidekiq resque devise pundit cancancan activerecord
activesupport actionpack pg mysql2 sqlite3 redis mongoid sequel rspec rspec-rails rspec-core
rspec-expectations rspec-mocks minitest cucumber capybara factory_bot factory_bot_rails faker
webmock vcr simplecov rubocop rubocop-rails rubocop-rspec brakeman nokogiri httparty faraday
rest-client excon typhoeus json oj jbuilder graphql kaminari pagy will_paginate bootsnap
spring listen sprockets webpacker turbo-rails stimulus-rails importmap-rails jwt bcrypt
omniauth doorkeeper aws-sdk-s3 aws-sdk stripe dotenv dotenv-rails pry pry-rails byebug debug
solargraph standard thor tty-prompt colorize rouge kramdown redcarpet jekyll bundler
carrierwave shrine image_processing mini_magick money ransack friendly_id paper_trail
sentry-ruby newrelic_rpm lograge rswag i18n tzinfo concurrent-ruby addressable mail
";

const COMPOSER: &str = "
laravel/framework laravel/sanctum laravel/tinker symfony/console symfony/http-foundation
symfony/http-kernel symfony/process symfony/yaml symfony/finder symfony/event-dispatcher
symfony/var-dumper guzzlehttp/guzzle guzzlehttp/psr7 monolog/monolog phpunit/phpunit
mockery/mockery pestphp/pest phpstan/phpstan vimeo/psalm squizlabs/php_codesniffer
friendsofphp/php-cs-fixer doctrine/orm doctrine/dbal doctrine/inflector twig/twig
nesbot/carbon ramsey/uuid league/flysystem vlucas/phpdotenv predis/predis psr/log
psr/container psr/http-message fakerphp/faker filp/whoops nikic/php-parser firebase/php-jwt
aws/aws-sdk-php stripe/stripe-php spatie/laravel-permission intervention/image slim/slim
";

const MAVEN: &str = "
org.junit.jupiter:junit-jupiter junit:junit org.mockito:mockito-core org.assertj:assertj-core
org.springframework:spring-core org.springframework.boot:spring-boot-starter
org.springframework.boot:spring-boot-starter-web
org.springframework.boot:spring-boot-starter-test com.google.guava:guava
org.apache.commons:commons-lang3 commons-io:commons-io
com.fasterxml.jackson.core:jackson-databind com.google.code.gson:gson org.slf4j:slf4j-api
ch.qos.logback:logback-classic org.apache.logging.log4j:log4j-core org.projectlombok:lombok
org.hibernate:hibernate-core org.postgresql:postgresql mysql:mysql-connector-java
com.h2database:h2 org.apache.httpcomponents:httpclient com.squareup.okhttp3:okhttp
com.squareup.retrofit2:retrofit io.netty:netty-all org.apache.kafka:kafka-clients
org.flywaydb:flyway-core
";
