//! What a turn used, as its end tells.

use agent_client_protocol::v1::schema::PromptResponse;
use loki_model::TokenUsage;
use serde_json::Value;

/// Tokens of one turn: the protocol's own count, else the one that Gemini puts beside it.
///
/// The latter does not tell what came from a cache: all that was read counts as input.
pub(super) fn tokens_of(response: &PromptResponse) -> Option<TokenUsage> {
    if let Some(usage) = &response.usage {
        return Some(TokenUsage {
            input: usage.input_tokens,
            output: usage.output_tokens,
            cache_read: usage.cached_read_tokens.unwrap_or(0),
            cache_write: usage.cached_write_tokens.unwrap_or(0),
        });
    }
    let count = response.meta.as_ref()?.get("quota")?.get("token_count")?;
    let (input, output) = (count["input_tokens"].as_u64()?, count["output_tokens"].as_u64()?);
    Some(TokenUsage { input, output, ..TokenUsage::default() })
}

/// The model that did most of a turn, where the agent counts by model.
pub(super) fn model_of(response: &PromptResponse) -> Option<&str> {
    let models = response.meta.as_ref()?.get("quota")?.get("model_usage")?.as_array()?;
    let output = |model: &&Value| {
        let count = &model["token_count"];
        count["output_tokens"].as_u64().or(count["outputTokens"].as_u64()).unwrap_or(0)
    };
    models.iter().max_by_key(output)?["model"].as_str()
}
