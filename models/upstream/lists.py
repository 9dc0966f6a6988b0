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
    "electra": (dict(BERT, embedding_size=12), [*TIED, *LABELS, dict(embedding_size=24)]),
    "albert": (dict(BERT, embedding_size=12, num_hidden_groups=2, inner_group_num=2, num_hidden_layers=4), [*TIED, *LABELS, dict(num_hidden_groups=1, inner_group_num=1)]),
    "mt5": (dict(vocab_size=37, d_model=24, d_kv=5, d_ff=20, num_layers=2, num_heads=4, relative_attention_num_buckets=7, pad_token_id=0),
            [*TIED, dict(num_labels=3), dict(num_decoder_layers=3), dict(feed_forward_proj="relu")]),
    "deit": (VISION, [dict(num_labels=5), dict(num_labels=0), dict(qkv_bias=False), dict(image_size=[30, 60], patch_size=[6, 10]), dict(encoder_stride=4)]),
    "olmo3": (GROUPED, [*TIED, *HEAD, dict(attention_bias=True)]),
    "olmoe": (dict(GROUPED, num_experts=3, num_experts_per_tok=2), [*TIED, *HEAD[1:], dict(attention_bias=True)]),
    "cohere2": (dict(GROUPED, head_dim=10), [*TIED, dict(num_key_value_heads=None), dict(attention_bias=True)]),
    "glm4_moe": (dict(GROUPED, moe_intermediate_size=14, n_routed_experts=4, n_group=2, topk_group=1, num_experts_per_tok=2, n_shared_experts=2, num_hidden_layers=3, first_k_dense_replace=1, head_dim=10),
                 [*TIED, dict(attention_bias=True), dict(first_k_dense_replace=0), dict(use_qk_norm=True), dict(num_nextn_predict_layers=2)]),
    "bloom": (dict(vocab_size=37, hidden_size=24, n_layer=2, n_head=4), [*TIED, *LABELS]),
    "gptj": (dict(vocab_size=37, n_positions=33, n_embd=24, n_layer=2, n_head=4, rotary_dim=4), [*TIED, *LABELS, dict(n_inner=20)]),
    "gpt_neo": (dict(vocab_size=37, max_position_embeddings=33, hidden_size=24, num_layers=2, num_heads=4, attention_types=[[["global", "local"], 1]]), [*TIED, *LABELS, dict(intermediate_size=20)]),
    "clip_text_model": (dict(TEXT, max_position_embeddings=33, projection_dim=15), [dict(hidden_act="gelu")]),
    "clip_vision_model": (dict(VISION, projection_dim=15), []),
    "clip": (dict(text_config=dict(TEXT, max_position_embeddings=33), vision_config=dict(VISION, hidden_size=28, projection_dim=15), projection_dim=17), [dict(num_labels=5), dict(num_labels=0)]),
    "siglip_text_model": (dict(TEXT, max_position_embeddings=33), [dict(projection_size=17)]),
    "siglip_vision_model": (VISION, [dict(vision_use_head=False)]),
    "siglip": (dict(text_config=dict(TEXT, max_position_embeddings=33), vision_config=dict(VISION, hidden_size=28)), [dict(num_labels=5), dict(num_labels=0), dict(text_config=dict(TEXT, max_position_embeddings=33, projection_size=28), vision_config=dict(VISION, hidden_size=28, vision_use_head=False))]),
}
MODULES = {"gemma3_text": "gemma3", "clip_text_model": "clip", "clip_vision_model": "clip", "siglip_text_model": "siglip", "siglip_vision_model": "siglip"}
# Layers of the lists by the library's own defaults: as few as show them.
MOST = 40  # tensors that are kept of a list by defaults
SHORT = {"num_hidden_layers": 2, "n_layers": 2, "n_layer": 2, "num_layers": 2, "encoder_layers": 2, "decoder_layers": 2}


def classes(kind):
    name = MODULES.get(kind, kind)
    module = importlib.import_module(f"transformers.models.{name}.modeling_{name}")
    found = [getattr(module, n) for n in module.__all__]
    found = [c for c in found if isinstance(c, type) and issubclass(c, PreTrainedModel)]
    found = [c for c in found if c.config_class is CONFIG_MAPPING[kind] and not c.__name__.endswith(("PreTrainedModel", "PretrainedModel", "PretrainedBartModel"))]
    # First the one that people train.
    return sorted(found, key=lambda c: not c.__name__.endswith(("ForCausalLM", "ForMaskedLM", "ForConditionalGeneration", "ForImageClassification", "LMHeadModel")))


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


# Sizes of published models, as their `config.json` have them, as far as they shape the list.
PUBLIC = {
    "meta-llama/Llama-3.1-8B": ("LlamaForCausalLM", dict(model_type="llama", vocab_size=128256, hidden_size=4096, intermediate_size=14336, num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=8)),
    "mistralai/Mistral-7B-v0.1": ("MistralForCausalLM", dict(model_type="mistral", vocab_size=32000, hidden_size=4096, intermediate_size=14336, num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=8)),
    "mistralai/Mixtral-8x7B-v0.1": ("MixtralForCausalLM", dict(model_type="mixtral", vocab_size=32000, hidden_size=4096, intermediate_size=14336, num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=8, num_local_experts=8)),
    "Qwen/Qwen2.5-7B": ("Qwen2ForCausalLM", dict(model_type="qwen2", vocab_size=152064, hidden_size=3584, intermediate_size=18944, num_hidden_layers=28, num_attention_heads=28, num_key_value_heads=4, tie_word_embeddings=False)),
    "Qwen/Qwen2.5-0.5B": ("Qwen2ForCausalLM", dict(model_type="qwen2", vocab_size=151936, hidden_size=896, intermediate_size=4864, num_hidden_layers=24, num_attention_heads=14, num_key_value_heads=2, tie_word_embeddings=True)),
    "Qwen/Qwen3-8B": ("Qwen3ForCausalLM", dict(model_type="qwen3", vocab_size=151936, hidden_size=4096, intermediate_size=12288, num_hidden_layers=36, num_attention_heads=32, num_key_value_heads=8, head_dim=128)),
    "Qwen/Qwen3-30B-A3B": ("Qwen3MoeForCausalLM", dict(model_type="qwen3_moe", vocab_size=151936, hidden_size=2048, intermediate_size=6144, moe_intermediate_size=768, num_hidden_layers=48, num_attention_heads=32, num_key_value_heads=4, head_dim=128, num_experts=128, mlp_only_layers=[])),
    "Qwen/Qwen1.5-MoE-A2.7B": ("Qwen2MoeForCausalLM", dict(model_type="qwen2_moe", vocab_size=151936, hidden_size=2048, intermediate_size=5632, moe_intermediate_size=1408, shared_expert_intermediate_size=5632, num_hidden_layers=24, num_attention_heads=16, num_key_value_heads=16, num_experts=60)),
    "google/gemma-2b": ("GemmaForCausalLM", dict(model_type="gemma", vocab_size=256000, hidden_size=2048, intermediate_size=16384, num_hidden_layers=18, num_attention_heads=8, num_key_value_heads=1, head_dim=256)),
    "google/gemma-2-2b": ("Gemma2ForCausalLM", dict(model_type="gemma2", vocab_size=256000, hidden_size=2304, intermediate_size=9216, num_hidden_layers=26, num_attention_heads=8, num_key_value_heads=4, head_dim=256)),
    "google/gemma-3-1b-pt": ("Gemma3ForCausalLM", dict(model_type="gemma3_text", vocab_size=262144, hidden_size=1152, intermediate_size=6912, num_hidden_layers=26, num_attention_heads=4, num_key_value_heads=1, head_dim=256)),
    # This file says no more.
    "google/gemma-3-4b-pt": ("Gemma3ForConditionalGeneration", dict(model_type="gemma3", text_config=dict(model_type="gemma3_text", hidden_size=2560, intermediate_size=10240, num_hidden_layers=34), vision_config=dict(model_type="siglip_vision_model", hidden_size=1152, image_size=896, intermediate_size=4304, num_attention_heads=16, num_hidden_layers=27, patch_size=14, vision_use_head=False))),
    "microsoft/phi-2": ("PhiForCausalLM", dict(model_type="phi", vocab_size=51200, hidden_size=2560, intermediate_size=10240, num_hidden_layers=32, num_attention_heads=32)),
    "microsoft/Phi-3-mini-4k-instruct": ("Phi3ForCausalLM", dict(model_type="phi3", vocab_size=32064, hidden_size=3072, intermediate_size=8192, num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=32)),
    "allenai/OLMo-1B-hf": ("OlmoForCausalLM", dict(model_type="olmo", vocab_size=50304, hidden_size=2048, intermediate_size=8192, num_hidden_layers=16, num_attention_heads=16, tie_word_embeddings=True)),
    "allenai/OLMo-2-1124-7B": ("Olmo2ForCausalLM", dict(model_type="olmo2", vocab_size=100352, hidden_size=4096, intermediate_size=11008, num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=32)),
    "deepseek-ai/DeepSeek-V2-Lite": ("DeepseekV2ForCausalLM", dict(model_type="deepseek_v2", vocab_size=102400, hidden_size=2048, intermediate_size=10944, moe_intermediate_size=1408, num_hidden_layers=27, num_attention_heads=16, n_shared_experts=2, n_routed_experts=64, q_lora_rank=None, kv_lora_rank=512, qk_rope_head_dim=64, qk_nope_head_dim=128, v_head_dim=128, first_k_dense_replace=1, num_experts_per_tok=6)),
    "deepseek-ai/DeepSeek-V3": ("DeepseekV3ForCausalLM", dict(model_type="deepseek_v3", vocab_size=129280, hidden_size=7168, intermediate_size=18432, moe_intermediate_size=2048, num_hidden_layers=61, num_attention_heads=128, n_shared_experts=1, n_routed_experts=256, q_lora_rank=1536, kv_lora_rank=512, qk_rope_head_dim=64, qk_nope_head_dim=128, v_head_dim=128, first_k_dense_replace=3, num_nextn_predict_layers=1)),
    "openai/gpt-oss-20b": ("GptOssForCausalLM", dict(model_type="gpt_oss", vocab_size=201088, hidden_size=2880, intermediate_size=2880, num_hidden_layers=24, num_attention_heads=64, num_key_value_heads=8, head_dim=64, num_local_experts=32)),
    "ibm-granite/granite-3.1-8b-base": ("GraniteForCausalLM", dict(model_type="granite", vocab_size=49152, hidden_size=4096, intermediate_size=12800, num_hidden_layers=40, num_attention_heads=32, num_key_value_heads=8, tie_word_embeddings=True)),
    "stabilityai/stablelm-3b-4e1t": ("StableLmForCausalLM", dict(model_type="stablelm", vocab_size=50304, hidden_size=2560, intermediate_size=6912, num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=32)),
    "bigcode/starcoder2-3b": ("Starcoder2ForCausalLM", dict(model_type="starcoder2", vocab_size=49152, hidden_size=3072, intermediate_size=12288, num_hidden_layers=30, num_attention_heads=24, num_key_value_heads=2)),
    "CohereForAI/c4ai-command-r-v01": ("CohereForCausalLM", dict(model_type="cohere", vocab_size=256000, hidden_size=8192, intermediate_size=22528, num_hidden_layers=40, num_attention_heads=64, num_key_value_heads=64)),
    "HuggingFaceTB/SmolLM3-3B": ("SmolLM3ForCausalLM", dict(model_type="smollm3", vocab_size=128256, hidden_size=2048, intermediate_size=11008, num_hidden_layers=36, num_attention_heads=16, num_key_value_heads=4)),
    "zai-org/GLM-4-9B-0414": ("Glm4ForCausalLM", dict(model_type="glm4", vocab_size=151552, hidden_size=4096, intermediate_size=13696, num_hidden_layers=40, num_attention_heads=32, num_key_value_heads=2, head_dim=128, attention_bias=True, tie_word_embeddings=False)),
    "tiiuae/falcon-7b": ("FalconForCausalLM", dict(model_type="falcon", vocab_size=65024, hidden_size=4544, num_hidden_layers=32, num_attention_heads=71, multi_query=True, parallel_attn=True, bias=False)),
    "tiiuae/falcon-40b": ("FalconForCausalLM", dict(model_type="falcon", vocab_size=65024, hidden_size=8192, num_hidden_layers=60, num_attention_heads=128, num_kv_heads=8, new_decoder_architecture=True)),
    "EleutherAI/pythia-6.9b": ("GPTNeoXForCausalLM", dict(model_type="gpt_neox", vocab_size=50432, hidden_size=4096, intermediate_size=16384, num_hidden_layers=32, num_attention_heads=32)),
    "facebook/opt-125m": ("OPTForCausalLM", dict(model_type="opt", vocab_size=50272, hidden_size=768, ffn_dim=3072, num_hidden_layers=12, num_attention_heads=12, max_position_embeddings=2048, word_embed_proj_dim=768)),
    "facebook/opt-350m": ("OPTForCausalLM", dict(model_type="opt", vocab_size=50272, hidden_size=1024, ffn_dim=4096, num_hidden_layers=24, num_attention_heads=16, max_position_embeddings=2048, word_embed_proj_dim=512, do_layer_norm_before=False)),
    "allenai/OLMoE-1B-7B-0924": ("OlmoeForCausalLM", dict(model_type="olmoe", vocab_size=50304, hidden_size=2048, intermediate_size=1024, num_hidden_layers=16, num_attention_heads=16, num_key_value_heads=16, num_experts=64)),
    "CohereForAI/c4ai-command-r7b-12-2024": ("Cohere2ForCausalLM", dict(model_type="cohere2", vocab_size=256000, hidden_size=4096, intermediate_size=14336, num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=8, head_dim=128)),
    "zai-org/GLM-4.5-Air": ("Glm4MoeForCausalLM", dict(model_type="glm4_moe", vocab_size=151552, hidden_size=4096, intermediate_size=10944, moe_intermediate_size=1408, num_hidden_layers=46, num_attention_heads=96, num_key_value_heads=8, head_dim=128, n_shared_experts=1, n_routed_experts=128, first_k_dense_replace=1, attention_bias=True)),
    "bigscience/bloom-560m": ("BloomForCausalLM", dict(model_type="bloom", vocab_size=250880, hidden_size=1024, n_layer=24, n_head=16)),
    "EleutherAI/gpt-j-6b": ("GPTJForCausalLM", dict(model_type="gptj", vocab_size=50400, n_positions=2048, n_embd=4096, n_layer=28, n_head=16, rotary_dim=64, tie_word_embeddings=False)),
    "EleutherAI/gpt-neo-1.3B": ("GPTNeoForCausalLM", dict(model_type="gpt_neo", vocab_size=50257, hidden_size=2048, num_layers=24, num_heads=16, max_position_embeddings=2048, attention_types=[[["global", "local"], 12]])),
    "google/electra-base-discriminator": ("ElectraForPreTraining", dict(model_type="electra", vocab_size=30522, embedding_size=768, hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, max_position_embeddings=512, type_vocab_size=2)),
    "albert/albert-base-v2": ("AlbertModel", dict(model_type="albert", vocab_size=30000, embedding_size=128, hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12)),
    "google/mt5-small": ("MT5Model", dict(model_type="mt5", vocab_size=250112, d_model=512, d_kv=64, d_ff=1024, num_layers=8, num_decoder_layers=8, num_heads=6)),
    "facebook/deit-base-distilled-patch16-224": ("DeiTForImageClassificationWithTeacher", dict(model_type="deit", hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, image_size=224, patch_size=16, num_labels=1000)),
    "mistralai/Mamba-Codestral-7B-v0.1": ("Mamba2ForCausalLM", dict(model_type="mamba2", vocab_size=32768, hidden_size=4096, num_hidden_layers=64, num_heads=128, head_dim=64, state_size=128, n_groups=8, expand=2, conv_kernel=4)),
    "google-bert/bert-base-uncased": ("BertModel", dict(model_type="bert", vocab_size=30522, hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, max_position_embeddings=512, type_vocab_size=2)),
    "FacebookAI/roberta-base": ("RobertaModel", dict(model_type="roberta", vocab_size=50265, hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, max_position_embeddings=514, type_vocab_size=1)),
    "distilbert/distilbert-base-uncased": ("DistilBertModel", dict(model_type="distilbert", vocab_size=30522, dim=768, hidden_dim=3072, n_layers=6, n_heads=12, max_position_embeddings=512)),
    "answerdotai/ModernBERT-base": ("ModernBertForMaskedLM", dict(model_type="modernbert", vocab_size=50368, hidden_size=768, intermediate_size=1152, num_hidden_layers=22, num_attention_heads=12)),
    "google-t5/t5-base": ("T5ForConditionalGeneration", dict(model_type="t5", vocab_size=32128, d_model=768, d_kv=64, d_ff=3072, num_layers=12, num_heads=12, relative_attention_num_buckets=32)),
    "facebook/bart-large": ("BartModel", dict(model_type="bart", vocab_size=50265, d_model=1024, encoder_layers=12, decoder_layers=12, encoder_ffn_dim=4096, decoder_ffn_dim=4096, encoder_attention_heads=16, decoder_attention_heads=16, max_position_embeddings=1024)),
    "openai/whisper-large-v3": ("WhisperForConditionalGeneration", dict(model_type="whisper", vocab_size=51866, num_mel_bins=128, d_model=1280, encoder_layers=32, decoder_layers=32, encoder_ffn_dim=5120, decoder_ffn_dim=5120, encoder_attention_heads=20, decoder_attention_heads=20, max_source_positions=1500, max_target_positions=448)),
    "google/vit-base-patch16-224": ("ViTForImageClassification", dict(model_type="vit", hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, image_size=224, patch_size=16, num_channels=3, num_labels=1000)),
    "facebook/dinov2-base": ("Dinov2Model", dict(model_type="dinov2", hidden_size=768, num_hidden_layers=12, num_attention_heads=12, image_size=518, patch_size=14)),
    "facebook/dinov2-giant": ("Dinov2Model", dict(model_type="dinov2", hidden_size=1536, num_hidden_layers=40, num_attention_heads=24, image_size=518, patch_size=14, use_swiglu_ffn=True)),
    "microsoft/resnet-50": ("ResNetForImageClassification", dict(model_type="resnet", num_channels=3, embedding_size=64, hidden_sizes=[256, 512, 1024, 2048], depths=[3, 4, 6, 3], layer_type="bottleneck", num_labels=1000)),
    # Files of this kind leave out what is the default of each part.
    "openai/clip-vit-base-patch32": ("CLIPModel", dict(model_type="clip", projection_dim=512, text_config_dict=None, vision_config_dict=None)),
    "openai/clip-vit-large-patch14": ("CLIPModel", dict(model_type="clip", projection_dim=768, text_config=dict(model_type="clip_text_model", hidden_size=768, intermediate_size=3072, num_attention_heads=12, num_hidden_layers=12), vision_config=dict(model_type="clip_vision_model", hidden_size=1024, intermediate_size=4096, num_attention_heads=16, num_hidden_layers=24, patch_size=14))),
    "google/siglip-base-patch16-224": ("SiglipModel", dict(model_type="siglip", text_config=dict(model_type="siglip_text_model"), vision_config=dict(model_type="siglip_vision_model"))),
    "google/siglip-so400m-patch14-384": ("SiglipModel", dict(model_type="siglip", text_config=dict(model_type="siglip_text_model", hidden_size=1152, intermediate_size=4304, num_attention_heads=16, num_hidden_layers=27), vision_config=dict(model_type="siglip_vision_model", hidden_size=1152, image_size=384, intermediate_size=4304, num_attention_heads=16, num_hidden_layers=27, patch_size=14))),
}


def public(path):
    """How many parameters and saved tensors each has."""
    rows = []
    for name, (cls, fields) in PUBLIC.items():
        config = CONFIG_MAPPING[fields["model_type"]](**json.loads(json.dumps({k: v for k, v in fields.items() if k != "model_type"})))
        with torch.device("meta"):
            model = getattr(transformers, cls)(config)
        disk = reverted(model)
        count = sum(parameter.numel() for parameter in model.parameters())
        rows.append({"name": name, "config": {**fields, "architectures": [cls]}, "parameters": count, "tensors": len(disk)})
        print(name, count, len(disk), flush=True)
    with open(path, "w") as file:
        for row in rows:
            print(json.dumps(row, separators=(",", ":")), file=file)


def main():
    out, wanted = sys.argv[1], sys.argv[2:]
    if not wanted:
        public(os.path.join(out, "..", "public-models.jsonl"))
    for kind, (base, variants) in FAMILIES.items():
        if wanted and kind not in wanted:
            continue
        config = CONFIG_MAPPING[kind]
        rows, failed = [], []
        for number, cls in enumerate(classes(kind)):
            for index, change in enumerate([{}, *variants]):
                # All variants of the first class; of the others those that change heads.
                if number > 0 and index > 0 and not {"tie_word_embeddings", "num_labels"} & {*change} and "classifier" not in str(change):
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
