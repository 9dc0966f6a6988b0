//! The names that are read, and what each of them takes.

use super::{Call, MODES, SCALINGS, SPREADS, WINDOWS};
use crate::fan::{FanMode, Layout};
use crate::initializer::{Asked, Scheme, Spread};
use crate::value::computed::AxisLaw;
use crate::value::stft::{Scaling, Side, Window};
use crate::{Initializer, scheme};

impl Call<'_> {
    /// The initializer of the name; `None` if it belongs to none.
    pub(super) fn initializer(&mut self) -> Option<Initializer> {
        if let Some((family, spread)) = family(self.name) {
            return self.scaled(family, spread).map(|scheme| Initializer(Asked::Scaled(scheme)));
        }
        Some(match self.name {
            "zeros" => Initializer::zeros(),
            "ones" => Initializer::ones(),
            "constant" => Initializer::constant(self.number("value")),
            "uniform" => Initializer::uniform(self.number("low"), self.number("high")),
            "normal" => Initializer::normal(self.number("mean"), self.number("std")),
            "trunc_normal" => {
                let (mean, std) = (self.number("mean"), self.number("std"));
                Initializer::trunc_normal(mean, std, self.number("low"), self.number("high"))
            }
            "variance_scaling" => {
                let layout = self.layout_or_axes(Layout::InOut);
                let (scale, mode) = (self.number("scale"), self.word(MODES, None));
                let spread = self.word(SPREADS, None);
                Initializer(Asked::Scaled(Scheme::VarianceScaling { scale, mode, spread, layout }))
            }
            "log_uniform" => Initializer::log_uniform(self.number("low"), self.number("high")),
            "dt_bias" => Initializer::dt_bias(self.number("min"), self.number("max"), self.number("floor")),
            "log_of_uniform" => Initializer::log_of_uniform(self.number("low"), self.number("high")),
            "rg_lru" => Initializer::rg_lru(self.number("min"), self.number("max")),
            "a_log" => self.axis(AxisLaw::ALog),
            "ramp" => {
                let law = AxisLaw::Ramp { start: self.number("start"), step: self.number("step") };
                self.axis(law)
            }
            "s4d_inv" => self.axis(AxisLaw::S4dInv),
            "sinusoids" => {
                let law = AxisLaw::Sinusoids { max_timescale: self.number("max_timescale") };
                self.axis(law)
            }
            "sinusoids_interleaved" => {
                let law = AxisLaw::SinusoidsInterleaved { max_timescale: self.number("max_timescale") };
                self.axis(law)
            }
            "sinusoids_concatenated" => {
                let law = AxisLaw::SinusoidsConcatenated { max_timescale: self.number("max_timescale") };
                self.axis(law)
            }
            "power_law" => {
                let (start, end, exponent) = self.power_law();
                self.axis(AxisLaw::PowerLaw { start, end, exponent })
            }
            "power_law_open" => {
                let (start, end, exponent) = self.power_law();
                self.axis(AxisLaw::PowerLawOpen { start, end, exponent })
            }
            "zigzag" => {
                let (start, end) = (self.number("start"), self.number("end"));
                let law = AxisLaw::Zigzag { start, end, wave: self.number("wave") };
                self.axis(law)
            }
            "power_law_heads" => {
                let (start, end, exponent) = self.power_law();
                let (wave, head) = (self.number("wave"), self.count("head"));
                self.axis(AxisLaw::PowerLawHeads { start, end, exponent, wave, head })
            }
            "stft_real" => self.stft(Side::Real),
            "stft_imag" => self.stft(Side::Imag),
            "eye" => Initializer::eye(self.number_or("gain", 1.0)),
            "dirac" => Initializer::dirac(self.count_or_none("groups").unwrap_or(1)),
            "sparse" => Initializer::sparse(self.number("sparsity"), self.number_or("std", 0.01)),
            "sparse_rows" => Initializer::sparse_rows(self.number("sparsity"), self.number_or("std", 0.01)),
            "unit_rows" => Initializer::unit_rows(self.number_or("gain", 1.0)),
            "orthogonal" => {
                let layout = self.layout(Layout::OutIn);
                let batch = self.last("batch=axes", |text| text.strip_prefix("batch="));
                let batch = batch.map_or(0.0, |number| self.evaluate(number.trim()));
                let batch = self.whole("batch", batch);
                let batch = u8::try_from(batch).unwrap_or_else(|_| {
                    self.complain(format!("{batch} is not a number of leading axes"));
                    0
                });
                Initializer::orthogonal_batch(self.number_or("gain", 1.0), batch).with_layout(layout)
            }
            "delta_orthogonal" => {
                let layout = self.layout(Layout::OutIn);
                Initializer::delta_orthogonal(self.number_or("gain", 1.0)).with_layout(layout)
            }
            _ => return self.scheme(),
        })
    }

    /// What [`scheme`](crate::scheme) calls by this name; it checks its own arguments.
    fn scheme(&mut self) -> Option<Initializer> {
        let given = match self.name {
            "scaled_normal" => {
                let (std, n_layer) = (self.number("std"), self.count("n_layer"));
                scheme::scaled_normal(std, n_layer, self.count("branches"))
            }
            "residual_normal" => scheme::residual_normal(self.number("std"), self.count("n_layer")),
            "depth_scaled" => Ok(scheme::depth_scaled(self.number("std"), self.count("layer"))),
            "small_init" => scheme::small_init(self.count("d_model")),
            "wang_init" => scheme::wang_init(self.count("n_layer"), self.count("d_model")),
            "truncated_sigmas" => {
                let (mean, std) = (self.number("mean"), self.number("std"));
                Ok(scheme::truncated_sigmas(mean, std, self.number("low"), self.number("high")))
            }
            "logits_head" => scheme::logits_head(self.count("d_model")),
            "mitchell" => scheme::mitchell(self.count("d_in")),
            "mitchell_residual" => scheme::mitchell_residual(self.count("d_in"), self.count("layer")),
            "full_megatron" => Ok(scheme::full_megatron(self.number("std"))),
            "full_megatron_residual" => scheme::full_megatron_residual(self.number("std"), self.count("n_layer")),
            "fan_in_normal" => Ok(scheme::fan_in_normal()),
            "negative_log_bias" => scheme::negative_log_bias(self.count("classes")),
            "lora_a" => Ok(scheme::lora_a()),
            "lora_a_gaussian" => scheme::lora_a_gaussian(self.count("rank")),
            "lora_b" => Ok(scheme::lora_b()),
            "zero_convolution" => Ok(scheme::zero_convolution()),
            "adaln_zero" => Ok(scheme::adaln_zero()),
            "dit_patch_embedding" => Ok(scheme::dit_patch_embedding()),
            "siren" => scheme::siren(self.number("omega")),
            "siren_first" => scheme::siren_first(self.count("d_in")),
            "hash_grid" => Ok(scheme::hash_grid()),
            "deepnet" => scheme::deepnet(self.count("n_layer")),
            "deepnet_encoder" => scheme::deepnet_encoder(self.count("encoder"), self.count("decoder")),
            "deepnet_decoder" => scheme::deepnet_decoder(self.count("decoder")),
            "fixup" => scheme::fixup(self.count("n_block"), self.count("m")),
            "complete_p" => {
                let (std, d_model) = (self.number("std"), self.count("d_model"));
                scheme::complete_p(std, d_model, self.count("base"))
            }
            "spectral_normal" => scheme::spectral_normal(self.count("d_in"), self.count("d_out")),
            "spectral_orthogonal" => scheme::spectral_orthogonal(self.count("d_in"), self.count("d_out")),
            "switch_normal" => scheme::switch_normal(self.count("d_in")),
            "mlstm_forget_bias" => scheme::mlstm_forget_bias(self.count("heads")),
            "slstm_forget_bias" => scheme::slstm_forget_bias(self.count("block"), self.count("n_block")),
            "rwkv4_decay" => scheme::rwkv4_decay(self.count("layer"), self.count("n_layer")),
            "rwkv4_bonus" => Ok(scheme::rwkv4_bonus()),
            "rwkv5_decay" => {
                let (layer, n_layer) = (self.count("layer"), self.count("n_layer"));
                scheme::rwkv5_decay(layer, n_layer, self.count("channels"))
            }
            "rwkv5_bonus" => {
                let (layer, n_layer) = (self.count("layer"), self.count("n_layer"));
                scheme::rwkv5_bonus(layer, n_layer, self.count("channels"))
            }
            "rwkv7_decay" => {
                let (layer, n_layer) = (self.count("layer"), self.count("n_layer"));
                scheme::rwkv7_decay(layer, n_layer, self.count("head"))
            }
            _ => return None,
        };
        given.map_err(|error| self.complain(error.to_string())).ok().or(Some(Initializer::zeros()))
    }

    fn scaled(&mut self, family: &str, spread: Spread) -> Option<Scheme> {
        // JAX's and Keras' names: scale and fan of `variance_scaling`.
        let (scale, mode) = match family {
            "xavier" => {
                let layout = self.layout_or_axes(Layout::OutIn);
                return Some(Scheme::Xavier { gain: self.number_or("gain", 1.0), spread, layout });
            }
            "kaiming" => {
                let layout = self.layout_or_axes(Layout::OutIn);
                let mode = self.word(MODES, Some(FanMode::FanIn));
                return Some(Scheme::Kaiming { mode, nonlinearity: self.nonlinearity(), spread, layout });
            }
            "glorot" => (1.0, FanMode::FanAvg),
            "he" => (2.0, FanMode::FanIn),
            "lecun" => (1.0, FanMode::FanIn),
            _ => return None,
        };
        let layout = self.layout_or_axes(Layout::InOut);
        // What they call normal is truncated.
        let spread = if spread == Spread::Normal { Spread::TruncatedNormal } else { spread };
        Some(Scheme::VarianceScaling { scale, mode, spread, layout })
    }

    fn power_law(&mut self) -> (f64, f64, f64) {
        (self.number("start"), self.number("end"), self.number("exponent"))
    }

    fn axis(&mut self, law: AxisLaw) -> Initializer {
        Initializer(Asked::Axis { law, length: self.count_or_none("length of the last axis") })
    }

    fn stft(&mut self, side: Side) -> Initializer {
        let periodic = self.last("periodic", |text| (text == "periodic").then_some(())).is_some();
        let (window, scaling) = (self.word(WINDOWS, Some(Window::Hann)), self.word(SCALINGS, Some(Scaling::Density)));
        Initializer::stft(side, window, scaling, periodic)
    }
}

/// `xavier_uniform` is of the family `xavier`.
fn family(name: &str) -> Option<(&str, Spread)> {
    let of = |family: &str| matches!(family, "xavier" | "kaiming" | "glorot" | "he" | "lecun");
    // Only one leaves a family over, though `truncated_normal` ends in `normal`.
    SPREADS.iter().find_map(|(word, spread)| {
        let family = name.strip_suffix(word)?.strip_suffix('_')?;
        of(family).then_some((family, *spread))
    })
}
