import { describe, expect, test } from "vitest";
import { redactText } from "./secret-text.js";

/** Put together here, so that no scanner takes this file for a leak. */
const form = (...parts: string[]): string => parts.join("");
const JWT = form("eyJhbGciOiJIUzI1NiJ9", ".eyJzdWIiOiIxMjM0NTY3ODkwIn0", ".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U");
const PEM = form("-----BEGIN RSA ", "PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nsecret+/=\n-----END RSA ", "PRIVATE KEY-----");

describe("hidden", () => {
  test.each([
    ["https://user:pw@host/path", "https://***@host/path"],
    ["https://token@host", "https://***@host"],
    ["postgres://me:p@ss@db:5432/x", "postgres://***@db:5432/x"],
    ["postgresql+psycopg2://me:pa/ss?w#d@db/x", "postgresql+psycopg2://***@db/x"],
    ["see http://a:b@c and http://d:e@f.", "see http://***@c and http://***@f."],
    [`https://oauth2accesstoken:${"y".repeat(2000)}@host`, "https://***@host"],
    ["https://host/?next=https%3A%2F%2Fme%3Apw%40host%2Fa", "https://host/?next=https%3A%2F%2F***%40host%2Fa"],
    ["https://host/p?token=abc&x=1", "https://host/p?token=***&x=1"],
    ["https://host/p?x=1&api_key=abc#top", "https://host/p?x=1&api_key=***#top"],
    ["https://host/p?api%5Fkey=abc", "https://host/p?api%5Fkey=***"],
    [
      "https://s3/x?X-Amz-Credential=a%2Fb&X-Amz-Signature=abc&X-Amz-Date=1",
      "https://s3/x?X-Amz-Credential=***&X-Amz-Signature=***&X-Amz-Date=1",
    ],
    ["https://a.blob.core.windows.net/x?sv=2022&sig=ab%3D", "https://a.blob.core.windows.net/x?sv=2022&sig=***"],
    ["https://storage.googleapis.com/b?X-Goog-Signature=0a", "https://storage.googleapis.com/b?X-Goog-Signature=***"],
    ["https://host/cb#access_token=abc&expires_in=3600", "https://host/cb#access_token=***&expires_in=3600"],
    ["https://maps/x?key=abc&pass=1234;jsessionid=9f", "https://maps/x?key=***&pass=***;jsessionid=***"],
    ["Server=db;User Id=me;Password=a,b!c;Encrypt=true", "Server=db;User Id=me;Password=***;Encrypt=true"],
    ["AccountName=a;AccountKey=q+/w==;EndpointSuffix=x", "AccountName=a;AccountKey=***;EndpointSuffix=x"],
    ["Authorization: Bearer abcdefgh.ijk", "Authorization: Bearer ***"],
    ["authorization: token abcdefgh", "authorization: token ***"],
    ["Authorization=Bearer opaque0123", "Authorization=Bearer ***"],
    ["Proxy-Authorization = Basic opaque", "Proxy-Authorization = Basic ***"],
    ["token: Bearer opaque, x: 1", "token: Bearer ***, x: 1"],
    ["access_token: Bearer opaque", "access_token: Bearer ***"],
    ["x-api-key: Bearer opaque", "x-api-key: Bearer ***"],
    ["api_token=Token opaque x=1", "api_token=Token *** x=1"],
    ["process.env['API_TOKEN']='abc'", "process.env['API_TOKEN']='***'"],
    ['os.environ["API_TOKEN"] = "abc"', 'os.environ["API_TOKEN"] = "***"'],
    ["$env{API_TOKEN}=abc", "$env{API_TOKEN}=***"],
    [`${"a.".repeat(200)}password=abc`, `${"a.".repeat(200)}password=***`],
    ['"password":\n  "x"', '"password":\n  "***"'],
    ['{"credentials":\n{"a":1},"x":1}', '{"credentials":\n***,"x":1}'],
    ["Cookie: sid=1; theme=dark\nAccept: x", "Cookie: ***\nAccept: x"],
    ["-H 'Authorization: Basic dXNlcjpwYXNz' -X GET", "-H 'Authorization: Basic ***' -X GET"],
    ["sent Bearer abcDEF123456", "sent Bearer ***"],
    ['{"user":"me","password":"a\\"b","x":1}', '{"user":"me","password":"***","x":1}'],
    ['{"password":1234,"x":1}', '{"password":***,"x":1}'],
    ['{"credentials":{"user":"me","list":[1]},"x":1}', '{"credentials":***,"x":1}'],
    ['"{\\"token\\":\\"abc\\",\\"x\\":1}"', '"{\\"token\\":\\"***\\",\\"x\\":1}"'],
    ["{ password: 'hunter2', port: 1 }", "{ password: '***', port: 1 }"],
    ["Map(1) { 'password' => 'hunter2' }", "Map(1) { 'password' => '***' }"],
    ["host: db\npassword: hunter2\nport: 1", "host: db\npassword: ***\nport: 1"],
    ["export OPENAI_KEY=abc DB_PASS=1234", "export OPENAI_KEY=*** DB_PASS=***"],
    ["login failed (password=hunter2).", "login failed (password=***)."],
    ["train --token abc --lr 3", "train --token *** --lr 3"],
    ["train --api-key=abc --lr=3", "train --api-key=*** --lr=3"],
    ["curl -u me:pw https://host", "curl -u *** https://host"],
    ["//registry.npmjs.org/:_authToken=abc", "//registry.npmjs.org/:_authToken=***"],
    [`key ${form("sk-", "proj-Ab1_", "x".repeat(40))} is wrong`, "key *** is wrong"],
    [form("sk-", "0123456789abcdef0123456789abcdef"), "***"],
    [form("ghp_", "a1".repeat(18)), "***"],
    [form("github_pat_", "a1".repeat(18)), "***"],
    [`id ${form("AKIA", "IOSFODNN7EXAMPLE")}.`, "id ***."],
    [form("hf_", "aB".repeat(17)), "***"],
    [form("xoxb-", "123456789012-abcdef"), "***"],
    [form("AIza", "Sy".repeat(18)), "***"],
    [form("sk_live_", "4eC39HqLyjWDarjtT1zdp7dc"), "***"],
    [form("glpat-", "a1b2c3d4e5f6g7h8i9j0"), "***"],
    [`jwt is ${JWT}!`, "jwt is ***!"],
    [`a ${PEM} b`, "a *** b"],
    [PEM.slice(0, 60), "***"],
    [PEM.replaceAll("\n", "\\n"), "***"],
    ["https://hooks.slack.com/services/T0/B0/abc", "https://hooks.slack.com/services/***"],
    ["https://api.telegram.org/bot123:AbC-d/sendMessage", "https://api.telegram.org/bot***"],
  ])("%s", (text, redacted) => {
    expect(redactText(text)).toBe(redacted);
    expect(redactText(redacted)).toBe(redacted);
    expect(redactText(`x ${text}`)).toBe(`x ${redacted}`);
  });
});

describe("stays readable", () => {
  test.each([
    "https://host:8080/@scope/package",
    "mail me@host.org about val/loss = 3",
    "https://host/p?page=2&tokens=4096&max_tokens=12",
    "tokens: 4096, tokens_per_second=1.2k, maxTokens: 8, pass=3, pass: first",
    "loss_per_token=0.5 train/pass=2 pass_rate=0.9 eos_token=</s>",
    "basic training of a basic autoencoder, bearer authentication",
    "the secretary's keyboard: key=3, monkey: 4",
    "At hooks.own.token: Found nothing. Allowed: a text.",
    "ERR_CONFIG at hooks.own.password\n  Found a list of 2.",
    "if (token === null) tokens => tokens.length",
    '{"password":null,"token":true,"secret":""}',
    "sk-learn-like-pipelines-for-all, task-sk-1, hf_transformers, AKIA, eyJ",
    "use --token to set it, and --no-password",
    'There is no key "token":\nNearest: "tokens".',
    "function check(token): boolean",
    "docker.io/library/node:22@sha256:0123456789abcdef",
    "step 3: loss 0.5 (epoch 1/3), 12:30:45",
    "C:\\Users\\me\\runs: no such directory",
    "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----",
  ])("%s", (text) => expect(redactText(text)).toBe(text));
});

test("a megabyte of long keys is read in one pass", () => {
  const text = `${"a.".repeat(499)}b=`.repeat(1000);
  expect(redactText(text)).toBe(text);
});

test.each([
  ...[
    "://",
    "://a:",
    "?token=",
    "?a=",
    "Bearer ",
    "a",
    "@",
    "://@",
    "password=",
    'password="',
    "password: {",
    '"password":\n',
    "'a']=",
    "a=",
    "a:",
    "--token ",
    '--a "',
    "-u a",
    "%3a%2f%2fa",
  ],
  ...[
    "-eyJ",
    "eyJaaaaaaaa.",
    "sk-",
    "xoxb-",
    "SG.",
    '\\"',
    "\\",
    "-----BEGIN PRIVATE KEY-----",
    "cookie: ",
    "cookie: a\n",
    " ",
    "a.b-",
    "api.telegram.org/bot",
  ],
])("a megabyte of %j is read in one pass", (piece) => {
  expect(redactText(piece.repeat(Math.ceil(1_000_000 / piece.length))).length).toBeGreaterThan(0);
});
