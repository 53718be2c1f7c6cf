import { describe, expect, test } from "vitest";
import { secrecyOf } from "./secrets.js";

const table = (keys: string): string[] => keys.trim().split(/\s+/);

describe("all of it is hidden", () => {
  test.each(
    table(`
    password passwd pwd passphrase passcode dbPassword password2 PASSWORD_1 userpassword passwordHash DB_PASS smtpPass dbpass SMTP_PASS MY_PASS
    token monitorToken API_TOKEN accessToken access_token authToken _authToken hfToken HFToken id_token csrf-token session.token test_token botTokens
    apiTokens accesstoken githubtoken refresh_tokens
    apiKey api_key api-key apikey APIKey OPENAI_API_KEY OPENAI_KEY openaiKey apiKeys STRIPE_KEYS X-Api-Key api_key_2 accessKey awsSecretAccessKey
    secret_access_key AWSAccessKeyId privateKey private_key PRIVATE_KEY privKey sshKey signing_key encryptionKey AccountKey ACME_KEY
    secret secrets clientSecret clientsecret SECRET_KEY_BASE secret_id jwtSecret
    credential credentials awsCredentials creds authorization Authorization proxy-authorization
    jwt JWT bearer cookie Set-Cookie session_cookie otp pat
    db.password credentials.user apiKeys.openai hooks.own.apiKey
  `),
  )("%s", (key) => expect(secrecyOf(key)).toBe("all"));
});

describe("its text is hidden, its numbers are not", () => {
  test.each(
    table("tokens userTokens pass auth basicAuth showToken hasPassword usePassword enableApiKey cookies tokens.github auth.user"),
  )("%s", (key) => expect(secrecyOf(key)).toBe("text"));
});

describe("nothing is hidden", () => {
  test.each(
    table(`
    tokenizer tokenCount token_count tokens_per_second tokensPerSecond loss_per_token val/secondsPerToken token_embedding tokenized
    eos_token pad_token mask_token padToken special_tokens prompt_tokens completionTokens next_token first_token time_to_first_token
    passes passed pass_rate bypass compass lowpass high_pass forward_pass backwardPass train/pass passing passenger surpass
    key keys keyboard monkey turkey keyword primaryKey PRIMARY_KEY cache_key publicKey PUBLIC_KEY hotkey prng_key map_keys user_key s3_key
    secretary secretion author authority authors authenticated
    passwordLength credentialsPath secret_name password_policy authorizationUrl
    path pattern cookiecutter patience optimizer adam.beta1 constructor toString __proto__ loss val/loss patch compat jwtless session sessionId
  `),
  )("%s", (key) => expect(secrecyOf(key)).toBe("none"));

  test("an empty key, and one of signs", () => {
    for (const key of ["", "...", "--", "1"]) expect(secrecyOf(key)).toBe("none");
  });
});

test("a key of a megabyte is judged by its end", () => {
  expect(secrecyOf(`${"a.B_".repeat(250_000)}.password`)).toBe("all");
});
