"""Which tensors transformers lists and saves: every class of the families below is built with small, distinct sizes and with the
options that change the list, on the meta device and once more in memory, and written by `save_pretrained`, whose header is read.

    python lists.py ../tests/data/architectures [MODEL_TYPE...]"""
import importlib, json, logging, os, struct, sys, tempfile, warnings
warnings.filterwarnings("ignore")
import torch, transformers
from transformers import CONFIG_MAPPING, PreTrainedModel
from transformers.core_model_loading import revert_weight_conversion
transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
logging.disable(logging.WARNING)

TEXT = dict(vocab_size=37, hidden_size=24, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4, pad_token_id=0,
            bos_token_id=1, eos_token_id=2)
GROUPED = dict(TEXT, num_key_value_heads=2)
HEAD = [dict(head_dim=10), dict(num_key_value_heads=None), dict(num_key_value_heads=1)]
TIED = [dict(tie_word_embeddings=True), dict(tie_word_embeddings=False)]
LABELS = [dict(num_labels=3), dict(num_labels=5, problem_type="regression")]
VISION = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=4, intermediate_size=20, image_size=30, patch_size=6,
              num_channels=5)
BERT = dict(TEXT, max_position_embeddings=33, type_vocab_size=3)

# Of each model type: small sizes, and changes of them.
FAMILIES = {
    "llama": (GROUPED, [*HEAD, *TIED, *LABELS, dict(attention_bias=True), dict(mlp_bias=True), dict(num_hidden_layers=0)]),
    "mistral": (GROUPED, [HEAD[0], HEAD[2], *TIED, dict(sliding_window=8)]),
    "qwen2": (GROUPED, [*TIED, dict(head_dim=10), dict(num_key_value_heads=None), dict(use_sliding_window=True, max_window_layers=1)]),
    "qwen3": (GROUPED, [*TIED, dict(head_dim=10), dict(attention_bias=True), dict(num_key_value_heads=None)]),
    "gemma": (dict(GROUPED, head_dim=10), [*TIED, dict(attention_bias=True)]),
    "gemma2": (dict(GROUPED, head_dim=10), [*TIED, dict(attention_bias=True)]),
    "gemma3_text": (dict(GROUPED, head_dim=10), [*TIED, *LABELS, dict(attention_bias=True)]),
    "gemma3": (dict(text_config=dict(GROUPED, head_dim=10, model_type="gemma3_text"),
                    vision_config=dict(VISION, model_type="siglip_vision_model"), mm_tokens_per_image=4),
               [dict(tie_word_embeddings=False), *LABELS, dict(vision_config=dict(VISION, vision_use_head=False, model_type="siglip_vision_model"))]),
    "phi": (GROUPED, [*TIED, *HEAD[1:], dict(qk_layernorm=True), dict(partial_rotary_factor=0.5)]),
    "phi3": (GROUPED, [*TIED, *HEAD]),
    "olmo": (GROUPED, [*TIED, *HEAD, dict(attention_bias=True)]),
    "olmo2": (GROUPED, [*TIED, *HEAD, dict(attention_bias=True)]),
    "granite": (GROUPED, [*TIED, *HEAD, dict(attention_bias=True), dict(mlp_bias=True)]),
    "stablelm": (GROUPED, [*TIED, dict(num_key_value_heads=4), dict(use_qkv_bias=True), dict(qk_layernorm=True), dict(use_parallel_residual=True)]),
    "starcoder2": (GROUPED, [*TIED, dict(num_key_value_heads=1), dict(use_bias=False)]),
    "cohere": (GROUPED, [*TIED, *HEAD, dict(attention_bias=True), dict(use_qk_norm=True)]),
    "smollm3": (GROUPED, [*TIED, *HEAD, dict(attention_bias=True), dict(mlp_bias=True)]),
    "glm4": (dict(GROUPED, head_dim=6), [*TIED, dict(head_dim=10), dict(attention_bias=False), dict(num_key_value_heads=1)]),
    "falcon": (dict(vocab_size=37, hidden_size=24, num_hidden_layers=2, num_attention_heads=4),
               [*TIED, dict(bias=True), dict(alibi=True), dict(multi_query=False), dict(multi_query=False, num_kv_heads=2), dict(new_decoder_architecture=True, num_kv_heads=2),
                dict(new_decoder_architecture=True), dict(new_decoder_architecture=True, num_ln_in_parallel_attn=1),
                dict(num_ln_in_parallel_attn=2), dict(parallel_attn=False), dict(ffn_hidden_size=28), dict(new_decoder_architecture=True, parallel_attn=False, bias=True)]),
    "gpt_neox": (TEXT, [*TIED, dict(attention_bias=False), dict(use_parallel_residual=False)]),
    "opt": (dict(vocab_size=37, hidden_size=24, ffn_dim=20, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=33, pad_token_id=1),
            [*TIED, dict(enable_bias=False), dict(layer_norm_elementwise_affine=False), dict(do_layer_norm_before=False),
             dict(word_embed_proj_dim=14), dict(_remove_final_layer_norm=True), dict(word_embed_proj_dim=14, do_layer_norm_before=False)]),
    "qwen2_moe": (dict(GROUPED, moe_intermediate_size=14, shared_expert_intermediate_size=18, num_experts=2, num_experts_per_tok=2, num_hidden_layers=3),
                  [*TIED, dict(qkv_bias=False), dict(decoder_sparse_step=2), dict(mlp_only_layers=[1]), dict(head_dim=10), dict(num_experts=0),
                   dict(decoder_sparse_step=3, mlp_only_layers=[2])]),
    "qwen3_moe": (dict(GROUPED, moe_intermediate_size=14, num_experts=2, num_experts_per_tok=2, num_hidden_layers=3, head_dim=10),
                  [*TIED, dict(attention_bias=True), dict(decoder_sparse_step=2), dict(mlp_only_layers=[0, 2]), dict(num_experts=0)]),
    "mixtral": (dict(GROUPED, num_local_experts=3, num_experts_per_tok=2), [*TIED, HEAD[0], HEAD[2]]),
    "deepseek_v2": (dict(GROUPED, moe_intermediate_size=14, n_routed_experts=3, num_experts_per_tok=2, n_shared_experts=2, kv_lora_rank=11, q_lora_rank=13,
                         qk_nope_head_dim=6, qk_rope_head_dim=4, v_head_dim=8, num_hidden_layers=3, first_k_dense_replace=1),
                    [*TIED, dict(q_lora_rank=None), dict(attention_bias=True), dict(mlp_bias=True), dict(first_k_dense_replace=0), dict(first_k_dense_replace=3),
                     dict(n_shared_experts=1)]),
    "deepseek_v3": (dict(GROUPED, moe_intermediate_size=14, n_routed_experts=4, n_group=2, topk_group=1, num_experts_per_tok=2, n_shared_experts=2, kv_lora_rank=11, q_lora_rank=13,
                         qk_nope_head_dim=6, qk_rope_head_dim=4, v_head_dim=8, num_hidden_layers=3, first_k_dense_replace=1),
                    [*TIED, dict(q_lora_rank=None), dict(attention_bias=True), dict(first_k_dense_replace=0), dict(first_k_dense_replace=3),
                     dict(n_shared_experts=1), dict(num_nextn_predict_layers=2)]),
    "gpt_oss": (dict(GROUPED, num_local_experts=3, num_experts_per_tok=2, head_dim=10), [*TIED, dict(attention_bias=False)]),
    "mamba2": (dict(vocab_size=37, hidden_size=24, num_hidden_layers=2, num_heads=6, head_dim=8, state_size=10, n_groups=2, conv_kernel=3, expand=2),
               [*TIED, dict(use_bias=True), dict(use_conv_bias=False), dict(expand=4, num_heads=12)]),
    "mamba": (dict(vocab_size=37, hidden_size=24, num_hidden_layers=2, state_size=10, conv_kernel=3, expand=2),
              [*TIED, dict(use_bias=True), dict(use_conv_bias=False), dict(expand=4), dict(time_step_rank=5)]),
    "gpt2": (dict(vocab_size=37, n_positions=33, n_embd=24, n_layer=2, n_head=4), [*TIED, *LABELS, dict(n_inner=20), dict(add_cross_attention=True)]),
    "bert": (BERT, [*TIED, *LABELS, dict(add_cross_attention=True, is_decoder=True)]),
    "roberta": (BERT, [*TIED, *LABELS, dict(add_cross_attention=True, is_decoder=True)]),
    "distilbert": (dict(vocab_size=37, max_position_embeddings=33, n_layers=2, n_heads=4, dim=24, hidden_dim=20), [*TIED, *LABELS, dict(sinusoidal_pos_embds=True)]),
    "modernbert": (dict(TEXT, num_hidden_layers=4), [*TIED, *LABELS, dict(norm_bias=True), dict(attention_bias=True), dict(mlp_bias=True), dict(decoder_bias=False),
                          dict(classifier_bias=True), dict(layer_types=["sliding_attention"] * 2 + ["full_attention"] * 2)]),
    "t5": (dict(vocab_size=37, d_model=24, d_kv=5, d_ff=20, num_layers=2, num_heads=4, relative_attention_num_buckets=7, pad_token_id=0),
           [*TIED, *LABELS, dict(num_decoder_layers=3), dict(feed_forward_proj="gated-gelu"), dict(num_decoder_layers=1, tie_word_embeddings=False)]),
    "bart": (dict(vocab_size=37, d_model=24, encoder_layers=2, encoder_ffn_dim=20, encoder_attention_heads=4, decoder_layers=3, decoder_ffn_dim=18,
                  decoder_attention_heads=3, max_position_embeddings=33, pad_token_id=1, bos_token_id=0, eos_token_id=2, decoder_start_token_id=2),
             [*TIED, dict(num_labels=5), dict(scale_embedding=True)]),
    "whisper": (dict(vocab_size=37, num_mel_bins=9, d_model=24, encoder_layers=2, encoder_ffn_dim=20, encoder_attention_heads=4, decoder_layers=3, decoder_ffn_dim=18,
                     decoder_attention_heads=3, max_source_positions=31, max_target_positions=33, pad_token_id=1, bos_token_id=0, eos_token_id=2, decoder_start_token_id=2, classifier_proj_size=15),
                [*TIED, dict(num_labels=5), dict(use_weighted_layer_sum=True)]),
    "vit": (VISION, [dict(num_labels=5), dict(num_labels=0), dict(qkv_bias=False), dict(image_size=[30, 60], patch_size=[6, 10]), dict(pooler_output_size=15), dict(encoder_stride=4)]),
    "dinov2": (dict({k: v for k, v in VISION.items() if k != "intermediate_size"}, mlp_ratio=3),
               [dict(num_labels=5), dict(num_labels=0), dict(qkv_bias=False), dict(use_swiglu_ffn=True), dict(use_mask_token=False), dict(image_size=[30, 60]), dict(apply_layernorm=False), dict(mlp_ratio=2)]),
    "resnet": (dict(num_channels=5, embedding_size=12, hidden_sizes=[16, 24], depths=[2, 1], layer_type="basic"),
               [dict(num_labels=5), dict(num_labels=0), dict(layer_type="bottleneck"), dict(downsample_in_first_stage=True), dict(downsample_in_bottleneck=True, layer_type="bottleneck")]),
    "clip_text_model": (dict(TEXT, max_position_embeddings=33, projection_dim=15), [dict(hidden_act="gelu")]),
    "clip_vision_model": (dict(VISION, projection_dim=15), []),
    "clip": (dict(text_config=dict(TEXT, max_position_embeddings=33), vision_config=dict(VISION, hidden_size=28, projection_dim=15), projection_dim=17), [dict(num_labels=5), dict(num_labels=0)]),
    "siglip_text_model": (dict(TEXT, max_position_embeddings=33), [dict(projection_size=17)]),
    "siglip_vision_model": (VISION, [dict(vision_use_head=False)]),
    "siglip": (dict(text_config=dict(TEXT, max_position_embeddings=33), vision_config=dict(VISION, hidden_size=28)), [dict(num_labels=5), dict(num_labels=0), dict(text_config=dict(TEXT, max_position_embeddings=33, projection_size=28), vision_config=dict(VISION, hidden_size=28, vision_use_head=False))]),
}
MODULES = {"gemma3_text": "gemma3", "clip_text_model": "clip", "clip_vision_model": "clip", "siglip_text_model": "siglip", "siglip_vision_model": "siglip"}
# Layers of the lists by the library's own defaults: as few as show them.
MOST = 60  # tensors that are kept of a list by defaults
SHORT = {"num_hidden_layers": 2, "n_layers": 2, "n_layer": 2, "num_layers": 2, "encoder_layers": 2, "decoder_layers": 2}


def classes(kind):
    name = MODULES.get(kind, kind)
    module = importlib.import_module(f"transformers.models.{name}.modeling_{name}")
    found = [getattr(module, n) for n in module.__all__]
    found = [c for c in found if isinstance(c, type) and issubclass(c, PreTrainedModel)]
    return [c for c in found if c.config_class is CONFIG_MAPPING[kind] and not c.__name__.endswith(("PreTrainedModel", "PretrainedModel", "PretrainedBartModel"))]


def listed(model):
    """What the model has, in its own order, without what is tied to something before it."""
    owner = {}
    for path, module in model.named_modules():
        for name, tensor in [*module._parameters.items(), *module._buffers.items()]:
            owner.setdefault(f"{path}.{name}" if path else name, type(module).__name__)
    seen, rows = set(), []
    for name, tensor in model.state_dict(keep_vars=True).items():
        if id(tensor) not in seen:
            rows.append([name, list(tensor.shape), owner.get(name)])
        seen.add(id(tensor))
    return rows


def saved(model):
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        rows = {}
        for file in os.listdir(folder):
            if file.endswith(".safetensors"):
                with open(os.path.join(folder, file), "rb") as f:
                    header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
                rows |= {name: entry["shape"] for name, entry in header.items() if name != "__metadata__"}
        with open(os.path.join(folder, "config.json")) as f:
            return rows, json.load(f)


def reverted(model):
    """The names and shapes on disk without a file: by the library's own conversion of tensors without memory."""
    state = {name: torch.empty(shape, device="meta") for name, shape, _ in listed(model)}
    return {name: list(tensor.shape) for name, tensor in revert_weight_conversion(model, state).items()}


def front(rows):
    """One line for each tensor: how many parts of the name are those of the line before, the others, the sizes, and the class of the
    module if it is another than on the line before."""
    lines, before, last = [], [], None
    for name, shape, module in rows:
        parts = name.split(".")
        shared = 0
        while shared < min(len(before), len(parts) - 1) and before[shared] == parts[shared]:
            shared += 1
        words = [str(shared), ".".join(parts[shared:]), "x".join(map(str, shape)) or "-"]
        lines.append(" ".join(words if module == last else [*words, module or "-"]))
        before, last = parts, module
    return lines


def row(cls, config, fields, whole):
    torch.manual_seed(0)
    with torch.device("meta"):
        meta = cls(type(config)(**json.loads(json.dumps(fields))))
    names = listed(meta)
    if whole:
        model = cls(config)
        disk, text = saved(model)
        assert listed(model) == names, (cls, listed(model), names)
        assert reverted(meta) == disk, (cls, set(reverted(meta).items()) ^ set(disk.items()))
    else:
        disk, text = reverted(meta), None
    memory = {name: shape for name, shape, _ in names}
    if disk == memory:
        return {"tensors": front(names)}, text
    # Where what is saved stands in the model's order is not known: by name.
    classes_of = {name: module for name, _, module in names}
    by_name = [[name, shape, classes_of.get(name) if memory.get(name) == shape else None] for name, shape in sorted(disk.items())]
    return {"tensors": front(by_name), "memory": front(names)}, text


def short(config):
    """Few layers of a configuration that says nothing else."""
    names = config.default_config_fields()
    return {key: value for key, value in SHORT.items() if key in names}


def main():
    out, wanted = sys.argv[1], sys.argv[2:]
    for kind, (base, variants) in FAMILIES.items():
        if wanted and kind not in wanted:
            continue
        config = CONFIG_MAPPING[kind]
        rows, failed = [], []
        for number, cls in enumerate(classes(kind)):
            for index, change in enumerate([{}, *variants]):
                # All variants of the first two classes, e.g. a model with its head and alone; of the others those that change heads.
                if number > 1 and index > 0 and not {"tie_word_embeddings", "num_labels"} & {*change} and "classifier" not in str(change):
                    continue
                fields = dict(base, **change)
                try:
                    lists, text = row(cls, config(**json.loads(json.dumps(fields))), fields, True)
                except Exception as error:
                    failed.append(f"{cls.__name__} {change}: {type(error).__name__} {str(error)[:200]}")
                    continue
                result = {"class": cls.__name__, "change": change, **lists}
                if index == 0 and number == 0:
                    result["saved"] = text
                before = [at for at, other in enumerate(rows) if all(other.get(key) == lists.get(key) for key in ("tensors", "memory"))]
                if before:
                    result["tensors"] = f"as {before[0]}"
                    result.pop("memory", None)
                rows.append(result)
            fields = short(config)
            try:
                lists, _ = row(cls, config(**fields), fields, False)
                for key, lines in lists.items():
                    if len(lines) > MOST:
                        lists[key] = lines[:MOST] + [f"... {len(lines)}"]
                rows.append({"class": cls.__name__, "fields": fields, **lists})
            except Exception as error:
                failed.append(f"{cls.__name__} defaults: {type(error).__name__} {str(error)[:300]}")
        origin = f"transformers {transformers.__version__}, torch {torch.__version__.split('+')[0]}, by models/upstream/lists.py"
        with open(os.path.join(out, f"{kind}.jsonl"), "w") as file:
            print(json.dumps({"origin": origin, "base": base}, separators=(",", ":")), file=file)
            for result in rows:
                print(json.dumps(result, separators=(",", ":")), file=file)
        print(kind, len(rows), *failed, sep="\n  ", flush=True)


main()
