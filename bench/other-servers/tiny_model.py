"""Writes a GGUF file with a tiny language model of random weights: it speaks, in letters, and says nothing.

    python tiny_model.py FILE

One dimension of it is the same for every token and left alone by its layers, so that a token's weight there is how
likely the token is as such: bytes that are no letters never come, and the end of the answer comes soon.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
from gguf import GGUFWriter, TokenType

WIDTH = 64
FEED_FORWARD = 128
LAYERS = 2
HEADS = 4
CONTEXT = 32768

CONSTANT = 3.0
"""What every token has in dimension 0."""
NEVER = -8.0
SOON = 0.3
OFTEN = 0.55
"""Of quotation marks, so that a text within JSON ends some time."""
LIKENESS = 0.3
"""Of the tokens: the smaller, the more alike are they in how likely they are."""

END = 2
"""The token `</s>`."""
FIRST_PRINTABLE = 3 + 256
"""The token of the blank, after control tokens and bytes."""
QUOTE = FIRST_PRINTABLE + ord('"') - ord(" ")

CHAT_TEMPLATE = (
    "{% for message in messages %}[{{ message['role'] }}] {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant] {% endif %}"
)


def vocabulary() -> tuple[list[bytes], list[float], list[int]]:
    """Three control tokens, every byte, and every printable character: enough to read any text."""
    control = [(b"<unk>", TokenType.UNKNOWN), (b"<s>", TokenType.CONTROL), (b"</s>", TokenType.CONTROL)]
    single = [(f"<0x{byte:02X}>".encode(), TokenType.BYTE) for byte in range(256)]
    printable = [("\u2581" if code == 32 else chr(code), code) for code in range(32, 127)]
    normal = [(text.encode(), TokenType.NORMAL) for text, _ in printable]
    entries = [*control, *single, *normal]
    return [text for text, _ in entries], [-float(index) for index in range(len(entries))], [int(kind) for _, kind in entries]


def weights(kinds: list[int]) -> Iterator[tuple[str, np.ndarray]]:
    random = np.random.default_rng(0)

    def drawn(*shape: int) -> np.ndarray:
        return random.standard_normal(shape) / np.sqrt(shape[-1])

    def sparing_constant(*shape: int) -> np.ndarray:
        tensor = drawn(*shape)
        tensor[0, :] = 0
        return tensor

    embedding = drawn(len(kinds), WIDTH)
    embedding[:, 0] = CONSTANT
    yield "token_embd.weight", embedding
    output = drawn(len(kinds), WIDTH) * LIKENESS
    output[:, 0] = [0.0 if kind == TokenType.NORMAL else NEVER for kind in kinds]
    output[END, 0] = SOON
    output[QUOTE, 0] = OFTEN
    yield "output.weight", output
    yield "output_norm.weight", np.ones(WIDTH)
    for layer in range(LAYERS):
        for part in ("attn_q", "attn_k", "attn_v"):
            yield f"blk.{layer}.{part}.weight", drawn(WIDTH, WIDTH)
        yield f"blk.{layer}.attn_output.weight", sparing_constant(WIDTH, WIDTH)
        yield f"blk.{layer}.ffn_gate.weight", drawn(FEED_FORWARD, WIDTH)
        yield f"blk.{layer}.ffn_up.weight", drawn(FEED_FORWARD, WIDTH)
        yield f"blk.{layer}.ffn_down.weight", sparing_constant(WIDTH, FEED_FORWARD)
        yield f"blk.{layer}.attn_norm.weight", np.ones(WIDTH)
        yield f"blk.{layer}.ffn_norm.weight", np.ones(WIDTH)


def write(path: str) -> None:
    tokens, scores, kinds = vocabulary()
    writer = GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(END)
    writer.add_unk_token_id(0)
    writer.add_chat_template(CHAT_TEMPLATE)

    for name, tensor in weights(kinds):
        writer.add_tensor(name, tensor.astype(np.float32))

    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    write(sys.argv[1])
